"""Measures how soon a drill finds that a naive merchant pays twice: from the start of the command to its exit."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from itertools import pairwise
from pathlib import Path

from ackord.core.clock import SECOND
from ackord.drill.merchant import REPORT_PATTERN

LINE_S = 5.0
"""The median of a profile must be below."""
MERCHANT = Path(__file__).parents[1] / "live" / "merchants" / "merchant.py"


@dataclass(frozen=True, slots=True)
class Times:
    """Where the time of one drill went, in seconds."""

    whole: float
    starting: float
    """Until the merchant's command began: Python, PostgreSQL, the gateway."""
    merchant: float
    settling: float
    ending: float
    """From the last answer on: judging, reports, the end of PostgreSQL."""


def drill(profile: str, seed: int, orders: int, folder: Path) -> tuple[Times, bool]:
    """Run one drill; the second value says whether it found the double payment."""
    words = [sys.executable, "-m", "ackord", "drill", "reference", "--profile", profile, "--seed", str(seed)]
    words += ["--report-pattern", REPORT_PATTERN, "--out", str(folder), "--"]
    words += [sys.executable, str(MERCHANT), "naive", str(orders)]
    began_ns = time.monotonic_ns()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    ended_ns = time.monotonic_ns()
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"seed {seed} did not finish (exit {done.returncode}):\n{done.stdout[-2000:]}{done.stderr}")
    result = json.loads((folder / "result.json").read_text())["profiles"][0]
    found = any(g["id"] == "merchant-pays-once" and g["result"] == "VIOLATED" for g in result["guarantees"])
    lines = map(json.loads, (folder / profile / "journal.jsonl").read_text().splitlines())
    phases = {e["name"]: e["at_ns"] for e in lines if e.get("e") == "phase"}
    marks = [began_ns, phases["disturb"], phases["settle"], phases["done"], ended_ns]
    parts = [(b - a) / SECOND for a, b in pairwise(marks)]
    return Times((ended_ns - began_ns) / SECOND, *parts), found


def main() -> int:
    """Exit codes: 0 every seed found it, with a median below the line · 1 not so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--orders", type=int, default=6, help="what the merchant pays in a drill")
    parser.add_argument("--profile", action="append", help="may be repeated; default: stale-reads")
    arguments = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| profile | found | whole: median (worst) s | starting | merchant | settling | ending |")
    print("|---|---|---|---|---|---|---|")
    short = False
    for profile in arguments.profile or ["stale-reads"]:
        rows: list[Times] = []
        found = 0
        for seed in range(1, arguments.seeds + 1):
            with tempfile.TemporaryDirectory(prefix="ackord-drill-") as name:
                times, right = drill(profile, seed, arguments.orders, Path(name))
            rows.append(times)
            found += right
        whole, *parts = (statistics.median(column) for column in zip(*map(astuple, rows), strict=True))
        worst = max(row.whole for row in rows)
        text = " | ".join(f"{part:.1f}" for part in parts)
        print(f"| `{profile}` | {found} of {len(rows)} | {whole:.1f} ({worst:.1f}) | {text} |", flush=True)
        short = short or found < len(rows) or whole >= LINE_S
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
