"""Drills the right merchant under every profile that tries a merchant, with many seeds: what is neither HELD nor
unexposed is a false alarm.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ackord.chaos.profile import profile_names
from ackord.core.clock import SECOND
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.merchant import REPORT_PATTERN
from ackord.drill.settings import DrillSettings
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile
from ackord.run.session import Session

MERCHANT = Path(__file__).parents[1] / "live" / "merchants" / "merchant.py"
FLAWS = {"replica-lag": "standby-reads"}
"""Profiles whose fault shows to a merchant only if the provider reads from its standby."""
LISTS = "stale-list"
"""A profile that only a merchant meets who looks into lists."""
CASES = [*(name for name in profile_names() if load_profile(name).tries_merchant), "lost-answers", "duplicates",
         *FLAWS]  # fmt: skip
JUDGED = ("merchant-pays-once", "merchant-never-fails-unsettled", "merchant-settles", "merchant-polls-politely")


@dataclass(frozen=True, slots=True)
class Tally:
    """One profile's drills."""

    held: int
    unexposed: int
    """Where nothing could have been misread: INCONCLUSIVE."""
    exposures: int
    """Answers that the merchant could have misread, all seeds together."""
    alarms: Counter[str]
    """What was broken, with its reason."""
    seconds: float
    settling_s: float


def settings(profile: str, orders: int, first: int) -> DrillSettings:
    mode = "right-list" if profile == LISTS else "right"
    command = [sys.executable, str(MERCHANT), mode, str(orders), str(first)]
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN)


def drills(profile: str, seeds: int, orders: int, out: Path) -> Iterator[tuple[int, ProfileResult]]:
    """Drill the merchant over one provider, seed after seed. Every seed has other order numbers, so that the
    provider's own draws differ, too.
    """
    options = RunOptions(profiles=[profile], flaw=FLAWS.get(profile, ""), seed=1, out=out)
    with Session(drill_plan(options, settings(profile, orders, 1))) as session:
        (chosen,) = session.plan.profiles
        for seed in range(1, seeds + 1):
            session.plan = replace(session.plan, seed=seed, out=out / str(seed))
            yield seed, Drill(session, settings(profile, orders, seed * 100), echo=False).run(chosen)


def alarms(result: ProfileResult) -> Iterator[str]:
    """What is neither HELD nor unexposed."""
    for name in JUDGED:
        verdict = result.verdict.of(name)
        if verdict.result is not Result.HELD and (verdict.exposures or verdict.result is not Result.INCONCLUSIVE):
            why = verdict.findings[0].summary if verdict.findings else verdict.reason
            yield f"{name} {verdict.result}: {why}"


def tally(profile: str, seeds: int, orders: int, out: Path) -> Tally:
    held = unexposed = exposures = 0
    wrong: Counter[str] = Counter()
    seconds, settling = [], []
    began_ns = time.monotonic_ns()
    for seed, result in drills(profile, seeds, orders, out):
        false = list(alarms(result))
        wrong.update(false)
        occasions = result.verdict.of("merchant-pays-once").exposures
        exposures += occasions
        held += not false and occasions > 0
        unexposed += not false and not occasions
        ended_ns = time.monotonic_ns()
        seconds.append((ended_ns - began_ns) / SECOND)
        began_ns = ended_ns
        marks = {phase.name: phase.at_ns for phase in result.history.phases}
        settling.append((marks["done"] - marks["settle"]) / SECOND)
        print(
            f"{profile} seed {seed}: {false or ('HELD' if occasions else 'unexposed')} {seconds[-1]:.1f} s",
            file=sys.stderr,
            flush=True,
        )
    return Tally(held, unexposed, exposures, wrong, statistics.median(seconds), statistics.median(settling))


def main() -> int:
    """Exit codes: 0 no false alarm · 1 some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--orders", type=int, default=18, help="what the merchant pays in a drill")
    parser.add_argument("--profile", action="append", choices=CASES, help="may be repeated; default: all")
    parser.add_argument("--out", type=Path, help="where the evidence is kept; default: it is not")
    arguments = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(
        "| profile | HELD | not exposed | misleading answers | median s | of it settling s |\n|---|---|---|---|---|---|"
    )
    told: list[str] = []
    for profile in arguments.profile or CASES:
        with tempfile.TemporaryDirectory(prefix="ackord-drill-") as name:
            found = tally(profile, arguments.seeds, arguments.orders, (arguments.out or Path(name)) / profile)
        flaw = f", `--flaw {FLAWS[profile]}`" if profile in FLAWS else ""
        counts = f"{found.held} of {arguments.seeds} | {found.unexposed} | {found.exposures}"
        print(f"| `{profile}`{flaw} | {counts} | {found.seconds:.1f} | {found.settling_s:.2f} |", flush=True)
        told += [f"{profile}: {count} x {what}" for what, count in found.alarms.items()]
    if told:
        print("\nFalse alarms:", *told, sep="\n- ")
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main())
