"""Which defects of a payment provider are found, and how soon: Ackord and Schemathesis side by side, on the same
provider, in one run.

    python -m tests.benchmarks.detection                              all cases: 20 seeds of Ackord, 5 of Schemathesis
    python -m tests.benchmarks.detection --case lag-1ms --seeds 3 --peer-seeds 2
    python -m tests.benchmarks.detection --peer-seconds 60            Schemathesis with --max-time 60 instead of its
                                                                      default budget

Both are run as their users type them, as processes of their own, one at a time and in turn. What is counted, and what
was done so that the comparison is fair, stands in this folder's README.md. Rows are kept in a file, so a run that was
cut off goes on where it stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from ackord.core.clock import SECOND, RealClock

from .detection_cases import (
    ACKORD,
    BROKEN,
    CASES,
    FALSE_ALARM,
    FOUND,
    PEER,
    QUIET,
    Case,
    Row,
    judge_ackord,
    judge_peer,
)

LIMIT_S = 120.0
"""After this long, and what the peer was given beyond its default budget, a run is ended and counts as broken."""
LINE_S = 5.0
"""What the median of Ackord's runs is held to, from the start of the command to its exit."""

Json = dict[str, Any]

# -- running -----------------------------------------------------------------------------------------------------------


def end(process: subprocess.Popen[Any], patience_s: float = 20.0) -> None:
    """End a process of ours as Ctrl-C does, and if that does not help, at once."""
    for sig in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(sig)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)


def run(command: list[str], folder: Path, limit_s: float = LIMIT_S) -> tuple[int | None, float]:
    """Run ``command`` in ``folder``; its exit code (``None``: it took longer than ``limit_s``) and its seconds. What it
    prints is in output.txt.
    """
    clock = RealClock()
    code: int | None = None
    with (folder / "output.txt").open("wb") as output:
        began_ns = clock.now_ns()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(limit_s)
            seconds = (clock.now_ns() - began_ns) / SECOND
        finally:
            end(process)
    return code, seconds


def read_json(path: Path) -> Json | None:
    try:
        data: Json = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data


def run_ackord(case: Case, seed: int, folder: Path, versions: str) -> Row:
    """``ackord certify``, from the start of the command to its exit: the start and the end of PostgreSQL are in it."""
    command = [sys.executable, "-m", "ackord", "certify", "reference", "--flaw", case.flaw, "--seed", str(seed)]
    if case.correct:
        command += ["--profile", "none", "--profile", "replica-lag"]
    code, seconds = run([*command, "--out", str(folder / "out")], folder)
    judged = judge_ackord(case, code, read_json(folder / "out" / "result.json"))
    return Row(ACKORD, case.flaw, seed, judged.outcome, seconds, code, judged.others, versions)


@contextlib.contextmanager
def standing(case: Case, seed: int, folder: Path) -> Iterator[tuple[str, str]]:
    """The same provider with the same faults in force: the addresses of the gateway and of the provider itself."""
    command = [sys.executable, "-m", "ackord", "serve", "--flaw", case.flaw, "--profile", case.profile]
    with (folder / "serve.txt").open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--seed", str(seed)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            text=True,
        )
        try:
            assert process.stdout is not None
            addresses = {}
            for line in process.stdout:
                name, _, value = line.partition(": ")
                addresses[name] = value.strip()
                if "Ctrl-C" in line:
                    break
            else:
                raise SystemExit(f"{' '.join(command)} did not start:\n{(folder / 'serve.txt').read_text()}")
            yield addresses["through the gateway"], addresses["directly"]
        finally:
            end(process)


def run_peer(case: Case, seed: int, folder: Path, versions: str, max_time_s: int) -> Row:
    """Schemathesis on a provider that stands already: its start and end are not in the time."""
    with standing(case, seed, folder) as (gateway, direct):
        command = [
            *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{direct}/openapi.json"),
            *(("--url", gateway) if case.through_gateway else ()),
            *("--phases", "stateful", "--checks", "all", "--workers", "1", "--seed", str(seed)),
            *("--header", "Authorization: Bearer sk_main", "--no-color", "--generation-database", "none"),
            *("--report", "json", "--report-json-path", "report.json"),
            *(("--max-time", str(max_time_s)) if max_time_s else ()),
        ]
        code, seconds = run(command, folder, LIMIT_S + max_time_s)
    judged = judge_peer(case, code, read_json(folder / "report.json"))
    return Row(PEER, case.flaw, seed, judged.outcome, seconds, code, judged.others, versions)


# -- rows and the table ------------------------------------------------------------------------------------------------


def read_rows(path: Path, versions: str) -> dict[tuple[str, str, int], Row]:
    """The rows of a file but for those of other versions and a line that was cut off. A broken run stays one: nothing
    is tried again until it works.
    """
    rows = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            data = json.loads(line)
            row = Row(**{**data, "others": tuple(data["others"])})
        except (ValueError, TypeError, KeyError):
            continue
        if row.versions == versions:
            rows[row.key] = row
    return rows


def summary(rows: list[Row], case: Case) -> tuple[str, str, str]:
    """Of one tool on one case: how often it found it, the median of its seconds, and what else it reported."""
    if not rows:
        return "not run", "", ""
    good = FALSE_ALARM if case.correct else FOUND
    count = f"{sum(r.outcome == good for r in rows)} of {len(rows)}" + (" false alarms" if case.correct else "")
    broken = sum(r.outcome == BROKEN for r in rows)
    if broken:
        count += f" ({broken} did not finish)"
    others = {name: sum(name in r.others for r in rows) for r in rows for name in r.others}
    words = ", ".join(f"{name} {n}x" for name, n in sorted(others.items()))
    return count, f"{statistics.median(r.seconds for r in rows):.1f}", words


def table(rows: list[Row], cases: list[Case]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield (
        "| case | flaw | Ackord found | median s | Schemathesis found | median s | Schemathesis, about something else |"
    )
    yield "|---|---|---|---|---|---|---|"
    for case in cases:
        ours, ours_s, _ = summary([r for r in rows if (r.tool, r.case) == (ACKORD, case.flaw)], case)
        peers, peers_s, others = summary([r for r in rows if (r.tool, r.case) == (PEER, case.flaw)], case)
        yield f"| {case.words} | `{case.flaw}` | {ours} | {ours_s} | {peers} | {peers_s} | {others} |"


def shortfalls(rows: list[Row]) -> Iterator[str]:
    """Where Ackord fell short of its line."""
    for case in CASES:
        ours = [r for r in rows if (r.tool, r.case) == (ACKORD, case.flaw)]
        bad = [r for r in ours if r.outcome != (QUIET if case.correct else FOUND)]
        if bad:
            told = ", ".join(f"seed {r.seed} {r.outcome} (exit {r.exit_code})" for r in bad)
            yield f"{case.flaw}: {told}"
        median_s = statistics.median(r.seconds for r in ours) if ours else 0.0
        if median_s > LINE_S and not case.correct:
            yield f"{case.flaw}: the median is {median_s:.1f} s, not {LINE_S:g} s"


def measure(arguments: argparse.Namespace, cases: list[Case], versions: str) -> list[Row]:
    """All rows, those of earlier runs among them. Seed after seed, case after case, tool after tool."""
    arguments.rows.parent.mkdir(parents=True, exist_ok=True)
    done = read_rows(arguments.rows, versions)
    wanted = [
        (tool, case, seed)
        for seed in range(1, max(arguments.seeds, arguments.peer_seeds) + 1)
        for case in cases
        for tool, seeds in ((ACKORD, arguments.seeds), (PEER, arguments.peer_seeds))
        if seed <= seeds
    ]
    for number, (tool, case, seed) in enumerate(wanted, 1):
        if (tool, case.flaw, seed) in done:
            continue
        with tempfile.TemporaryDirectory(prefix="ackord-detection-") as name:
            if tool == ACKORD:
                row = run_ackord(case, seed, Path(name), versions)
            else:
                row = run_peer(case, seed, Path(name), versions, arguments.peer_seconds)
            if row.outcome == BROKEN:
                print((Path(name) / "output.txt").read_text(errors="replace")[-2000:], file=sys.stderr)
        done[row.key] = row
        with arguments.rows.open("a") as file:
            file.write(json.dumps(asdict(row)) + "\n")
        print(
            f"{number}/{len(wanted)} {tool} {case.flaw} seed {seed}: {row.outcome}, {row.seconds:.1f} s",
            *row.others,
            file=sys.stderr,
            flush=True,
        )
    keys = [(tool, case.flaw, seed) for tool, case, seed in wanted]
    return [done[key] for key in keys]


def at_least(least: int) -> Callable[[str], int]:
    """A count for argparse."""

    def count(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"{number} is less than {least}")
        return number

    return count


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Exit codes: 0 Ackord kept its line · 1 it fell short of it · 130 interrupted."""
    parser = argparse.ArgumentParser(description="Ackord and Schemathesis side by side on the reference provider.")
    names = [case.flaw for case in CASES]
    parser.add_argument("--case", action="append", choices=names, help="may be repeated; default: all")
    parser.add_argument("--seeds", type=at_least(1), default=20, help="runs of Ackord a case (default: 20)")
    parser.add_argument("--peer-seeds", type=at_least(0), default=5, help="runs of Schemathesis a case (default: 5)")
    parser.add_argument(
        "--peer-seconds", type=at_least(0), default=0, help="its --max-time; default: its own default budget"
    )
    parser.add_argument(
        "--rows", type=Path, default=Path("ackord-out/detection.jsonl"), help="raw rows, taken up again"
    )
    arguments = parser.parse_args()
    # Also where the shell started this in the background and left SIGINT ignored, which every child would inherit.
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    if arguments.peer_seeds and not Path(sys.executable).with_name("schemathesis").exists():
        parser.error(
            "Schemathesis is not installed beside this Python: install the extra `test`, or say --peer-seeds 0"
        )
    cases = [case for case in CASES if not arguments.case or case.flaw in arguments.case]
    budget = f"--max-time {arguments.peer_seconds}" if arguments.peer_seconds else "default budget"
    version = importlib.metadata.version
    versions = f"ackord {version('ackord')}, schemathesis {version('schemathesis')}, {budget}"
    try:
        rows = measure(arguments, cases, versions)
    except KeyboardInterrupt:
        print(f"interrupted; the same command goes on from {arguments.rows}", file=sys.stderr)
        return 130
    print(f"{versions}, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    print(*table(rows, cases), sep="\n")
    short = list(shortfalls(rows))
    if short:
        print("\nAckord fell short of its line:", *short, sep="\n- ")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
