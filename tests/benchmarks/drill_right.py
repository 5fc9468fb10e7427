"""Drills the right merchant under every profile that tries a merchant, with many seeds: anything but HELD is a false
alarm.
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
CASES = [*(name for name in profile_names() if load_profile(name).tries_merchant), "lost-answers", "duplicates",
         *FLAWS]  # fmt: skip
JUDGED = ("merchant-pays-once", "merchant-never-fails-unsettled", "merchant-settles", "merchant-polls-politely")


@dataclass(frozen=True, slots=True)
class Tally:
    """One profile's drills."""

    held: int
    exposures: int
    """Answers that the merchant could have misread, all seeds together."""
    others: Counter[str]
    """What was not HELD, with its reason."""
    seconds: float
    settling_s: float


def settings(orders: int, first: int) -> DrillSettings:
    command = [sys.executable, str(MERCHANT), "right", str(orders), str(first)]
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN)


def drills(profile: str, seeds: int, orders: int, out: Path) -> Iterator[tuple[int, ProfileResult]]:
    """Drill the merchant over one provider, seed after seed. Every seed has other order numbers, so that the
    provider's own draws differ, too.
    """
    options = RunOptions(profiles=[profile], flaw=FLAWS.get(profile, ""), seed=1, out=out)
    with Session(drill_plan(options, settings(orders, 1))) as session:
        (chosen,) = session.plan.profiles
        for seed in range(1, seeds + 1):
            session.plan = replace(session.plan, seed=seed, out=out / str(seed))
            yield seed, Drill(session, settings(orders, seed * 100), echo=False).run(chosen)


def shortfalls(result: ProfileResult) -> Iterator[str]:
    """What is not HELD of what the merchant does its part for."""
    for name in JUDGED:
        verdict = result.verdict.of(name)
        if verdict.result is not Result.HELD:
            why = verdict.findings[0].summary if verdict.findings else verdict.reason
            yield f"{name} {verdict.result}: {why}"


def tally(profile: str, seeds: int, orders: int, out: Path) -> Tally:
    held = exposures = 0
    others: Counter[str] = Counter()
    seconds, settling = [], []
    began_ns = time.monotonic_ns()
    for seed, result in drills(profile, seeds, orders, out):
        short = list(shortfalls(result))
        held += not short
        exposures += result.verdict.of("merchant-pays-once").exposures
        others.update(short)
        ended_ns = time.monotonic_ns()
        seconds.append((ended_ns - began_ns) / SECOND)
        began_ns = ended_ns
        marks = {phase.name: phase.at_ns for phase in result.history.phases}
        settling.append((marks["done"] - marks["settle"]) / SECOND)
        print(f"{profile} seed {seed}: {short or 'HELD'} {seconds[-1]:.1f} s", file=sys.stderr, flush=True)
    return Tally(held, exposures, others, statistics.median(seconds), statistics.median(settling))


def main() -> int:
    """Exit codes: 0 every drill was HELD · 1 not so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--orders", type=int, default=6, help="what the merchant pays in a drill")
    parser.add_argument("--profile", action="append", choices=CASES, help="may be repeated; default: all")
    parser.add_argument("--out", type=Path, help="where the evidence is kept; default: it is not")
    arguments = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| profile | HELD | misleading answers | median s | of it settling s |\n|---|---|---|---|---|")
    alarms: list[str] = []
    for profile in arguments.profile or CASES:
        with tempfile.TemporaryDirectory(prefix="ackord-drill-") as name:
            found = tally(profile, arguments.seeds, arguments.orders, (arguments.out or Path(name)) / profile)
        flaw = f", `--flaw {FLAWS[profile]}`" if profile in FLAWS else ""
        counts = f"{found.held} of {arguments.seeds} | {found.exposures}"
        print(f"| `{profile}`{flaw} | {counts} | {found.seconds:.1f} | {found.settling_s:.2f} |", flush=True)
        alarms += [f"{profile}: {count} x {what}" for what, count in found.others.items()]
    if alarms:
        print("\nNot HELD:", *alarms, sep="\n- ")
    return int(bool(alarms))


if __name__ == "__main__":
    sys.exit(main())
