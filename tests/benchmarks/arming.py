"""What arming a fault of the edge and taking it back costs: inside the chaos process, and through its control
interface.

Prints a Markdown table of milliseconds. The lines are those that the project asks of itself: under 0.1 ms a fault
inside, under 1 ms through the interface, of which the cost of an empty call (draining an edge on which nothing is in
flight) is shown for comparison. A rule is *in force* when the call returns: the next request meets it::

    python -m tests.benchmarks.arming [--rounds 2000]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.faults import FAULTS, EdgeFault
from ackord.chaos.gateway.reverse_proxy import ProxySettings, ReverseProxy
from ackord.chaos.gateway.rules import RuleSet
from ackord.chaos.timing.timer import FineTimer
from ackord.host.run_dir import RunDir

INSIDE_MS = 0.1
THROUGH_MS = 1.0

Rules = list[dict[str, Any]]
NEEDED: dict[str, dict[str, Any]] = {"latency": {"ms": 5.0}}
EVERY_FAULT = [
    fault.model_validate({"fault": fault.fault_name(), **NEEDED.get(fault.fault_name(), {})}).to_rule()
    for fault in FAULTS
    if issubclass(fault, EdgeFault)
]
SETS: dict[str, Rules] = {
    "a lost answer": [{"fault": "lost-answer", "share": 0.3}],
    "one with everything": [
        {
            "fault": "error-substitution",
            "share": 0.3,
            "match": {"operation": ["submit"], "header": {"x-shop": "s*"}, "body": {"$.a.b[0]": "EUR"}},
            "params": {"status": 429, "retry_after_s": 1},
            "limits": {"first": 2, "every": 3, "quota": 10},
            "schedule": {"after_ms": 10, "for_ms": 500, "every_ms": 1000, "ramp_ms": 5000, "armed_ns": 1},
        }
    ],
    f"all {len(EVERY_FAULT)} faults at once": EVERY_FAULT,
}


def ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def pairs(arm: Callable[[Rules], object], rules: Rules, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each arming and each taking back."""
    armed, healed = [], []
    for _ in range(rounds):
        armed.append(ms(lambda: arm(rules)))
        healed.append(ms(lambda: arm([])))
    return armed, healed


async def inside(rounds: int) -> list[tuple[str, list[float], float]]:
    timer = FineTimer(asyncio.get_running_loop(), time.monotonic_ns)
    edge = ReverseProxy(ProxySettings("e", {"A": ("127.0.0.1", 1)}, "A"), lambda lines: None, timer, time.monotonic_ns)
    rows = []
    for name, rules in SETS.items():
        armed, healed = pairs(lambda rules: edge.set_rules(1, rules), rules, rounds)
        rows.append((f"inside: arm {name}", armed, INSIDE_MS * len(rules)))
        rows.append((f"inside: take back {name}", healed, INSIDE_MS))
    timer.close()
    return rows


def through(rounds: int) -> list[tuple[str, list[float], float]]:
    with RunDir.create() as run:
        chaos = ChaosProcess.start(run)
        try:
            chaos.open_edge("e", {"A": ("127.0.0.1", 1)})
            empty = [ms(lambda: chaos.drain("e")) for _ in range(rounds)]
            rows = [("through the interface: an empty call", empty, THROUGH_MS)]
            for name, rules in SETS.items():
                armed, healed = pairs(lambda rules: chaos.set_rules("e", 1, rules), rules, rounds)
                rows.append((f"through the interface: arm {name}", armed, THROUGH_MS))
                rows.append((f"through the interface: take back {name}", healed, THROUGH_MS))
        finally:
            chaos.stop()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000, help="of each case")
    rounds = parser.parse_args().rounds
    for rules in SETS.values():
        assert len(RuleSet(1, rules).rules) == len(rules)
    missed = False
    print("| | best ms | median ms | p99 ms | line |\n|---|---:|---:|---:|---:|")
    for name, times, line_ms in [*asyncio.run(inside(rounds)), *through(rounds)]:
        median = statistics.median(times)
        missed = missed or median > line_ms
        p99 = statistics.quantiles(times, n=100)[98]
        print(f"| {name} | {min(times):.4f} | {median:.4f} | {p99:.4f} | {line_ms:g} |")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
