"""Feeds mutated input to a part of Ackord for a while, and says whether it crashed, hung or grew.

python -m tests.fuzz.fuzz --target gateway --minutes 5 --seed 1
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

TARGETS = {
    "contract": ("contracts", "Contracts"),
    "gateway": ("gateway", "Gateway"),
    "profile": ("profiles", "Profiles"),
    "toxics-api": ("toxics_api", "ToxicsApi"),
}
"""Name -> module and class."""

GROWTH_LIMIT_BYTES = 24_000_000
"""How much more memory a target may hold in the last quarter of its time than in the second."""
CURVE_POINTS = 20


class Finding(Exception):
    """Something that must not happen, and the input that led to it."""

    def __init__(self, what: str, given: bytes = b"") -> None:
        super().__init__(what)
        self.given = given


class Target(Protocol):
    def start(self, rng: random.Random) -> None:
        """Make ready; all chance comes from ``rng``."""

    def step(self) -> int:
        """Try a few inputs, in well under a second; return how many. Raises ``Finding``."""

    def memory_bytes(self) -> int:
        """What the part under test holds in memory."""

    def stop(self) -> None:
        """End what was started. Raises ``Finding`` for what came to light only now."""


def resident_bytes(pid: int | str = "self") -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise Finding(f"process {pid} is gone")


@dataclass
class Outcome:
    """What became of one target."""

    name: str
    seed: int
    inputs: int = 0
    curve: list[int] = field(default_factory=list)
    """Bytes of memory at equal distances."""
    finding: str = ""

    def judge(self) -> None:
        """Look for growth; the first quarter is for warming up."""
        quarter = len(self.curve) // 4
        if not self.finding and quarter:
            before, after = max(self.curve[quarter : 2 * quarter]), min(self.curve[-quarter:])
            if after - before > GROWTH_LIMIT_BYTES:
                self.finding = f"memory grew from {before / 1e6:.0f} to {after / 1e6:.0f} MB"


def run(name: str, seconds: float, seed: int) -> Outcome:
    module, kind = TARGETS[name]
    target: Target = getattr(importlib.import_module(f".{module}", __package__), kind)()
    outcome = Outcome(name, seed)
    target.start(random.Random(f"{seed}/{name}"))

    def work() -> None:
        begin = time.monotonic()
        while (spent := time.monotonic() - begin) < seconds:
            outcome.inputs += target.step()
            if spent >= len(outcome.curve) * seconds / CURVE_POINTS:
                outcome.curve.append(target.memory_bytes())

    for part in (work, target.stop):
        try:
            part()
        except Exception as found:
            if (
                type(found).__name__ != "Finding"
            ):  # by name, since this module may be both __main__ and an import of its targets
                raise
            outcome.finding = f"{outcome.finding}\n{found}".strip()
            _keep(name, getattr(found, "given", b""))
    outcome.judge()
    return outcome


def _keep(name: str, given: bytes) -> None:
    if given:
        folder = Path("fuzz-findings")
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}-{len(list(folder.iterdir()))}"
        path.write_bytes(given)
        print(f"the input is in {path}: {given[:400]!r}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=[*TARGETS, "all"], default="all")
    parser.add_argument("--minutes", type=float, default=1.0, help="in all, shared by the targets")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    names = list(TARGETS) if options.target == "all" else [options.target]
    failed = False
    for name in names:
        outcome = run(name, options.minutes * 60 / len(names), options.seed)
        curve = " ".join(f"{value / 1e6:.0f}" for value in outcome.curve)
        print(f"{name}: seed {outcome.seed}, {outcome.inputs:,} inputs, memory in MB: {curve}")
        print(f"{name}: {outcome.finding or 'no finding'}", flush=True)
        failed = failed or bool(outcome.finding)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
