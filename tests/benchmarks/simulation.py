"""How many stateful steps and programs a CPU-second of virtual time gives, and where the time goes.

    python -m tests.benchmarks.simulation                 ten rounds of sixty programs on the correct provider
    python -m tests.benchmarks.simulation --rounds 30     more rounds, on a machine that is busy with other things

A *step* is one execution of a rule of the order machine. Its cost is all of it: Hypothesis' drawing, rendering of
requests, the simulated gateway, provider and bank, reading of answers, recording at both vantages, settling, judging by
every guarantee, and hashing the trace. Times are CPU seconds of one process (``process_time``); other programs on the
machine only ever add to them, so the best round is the figure, and the median is shown beside it.

The parts are measured by themselves, over the same programs: Hypothesis and the rules in a world in which nothing
happens; the world by playing the recorded programs without Hypothesis; the codec by rendering and reading once more
what was rendered and read. They need not add up to the nanosecond.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from ackord.client.operation_request import OperationRequest
from ackord.core.history import History
from ackord.core.operation import OperationKind
from ackord.core.seed import Seed
from ackord.guarantees import GUARANTEES
from ackord.guarantees.judge import judge
from ackord.simulation.simulated_system import SimulatedSystem
from ackord.simulation.simulation import SimulationReport, canonical, collecting_rarely, reference, simulate
from ackord.workload.order import WorkloadOrder
from ackord.workload.order_factory import OrderFactory
from ackord.workload.order_machine import OrderMachine, order_machine, run_machine

LINE_STEPS = 2500
"""Steps a CPU-second that the project asks of itself."""
STEPS = 50


class EmptyWorld:
    """A world in which nothing happens: what is left is Hypothesis and the rules."""

    faults = SimulatedSystem.faults

    def __init__(self) -> None:
        order_no = reference().contract.order_no
        self._numbers: dict[str, Any] = {
            "form": order_no.number_form(),
            "account": "main",
            "other_account": "other",
        }

    def start_program(self) -> frozenset[str]:
        self.book = OrderFactory(Seed(1), "empty-", **self._numbers)
        return frozenset()

    def may_create_order(self) -> bool:
        return True

    def create_order(self, amount_minor: int) -> WorkloadOrder:
        return self.book.create_order(amount_minor=amount_minor)

    def begin(self, order: WorkloadOrder, call: OperationRequest) -> None:
        return None

    def complete(self, pending: None) -> None:
        return None

    def wait(self, duration_ns: int) -> None:
        pass

    def inject(self, fault: str) -> None:
        pass

    def heal(self, fault: str) -> None:
        pass

    def end_program(self) -> None:
        pass


class Counted(OrderMachine):
    """Counts steps as the simulation does."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        Counted.steps -= 1

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        Counted.steps += 1


def cpu_s(work: Callable[[], object]) -> float:
    with collecting_rarely():
        begun = time.process_time()
        work()
        return time.process_time() - begun


def whole(seed: int, programs: int) -> tuple[SimulationReport, float]:
    reports: list[SimulationReport] = []
    spent_s = cpu_s(lambda: reports.append(simulate(seed=seed, examples=programs, steps=STEPS)))
    return reports[0], spent_s


def hypothesis_us(seed: int, programs: int) -> float:
    """Hypothesis and the rules alone, in microseconds a step."""
    machine = order_machine(EmptyWorld(), "Empty", Counted)
    Counted.steps = 0
    spent_s = cpu_s(lambda: run_machine(machine, examples=programs, steps=STEPS, seed_value=seed))
    return spent_s / Counted.steps * 1e6


class Programs:
    """The programs of one simulation, kept: what each did, and what was recorded."""

    def __init__(self, seed: int, programs: int) -> None:
        self.logs: list[list[tuple[str, Any]]] = []
        self.histories: list[History] = []
        self.world = SimulatedSystem(reference(), Seed(seed))
        kept = self

        class Keeping(OrderMachine):
            def teardown(self) -> None:
                log = list(kept.world.log)
                super().teardown()
                kept.logs.append(log)
                kept.histories.append(kept.world.history())

        machine = order_machine(self.world, "Keeping", Keeping)
        run_machine(machine, examples=programs, steps=STEPS, seed_value=Seed(seed).bits("machine", STEPS))

    def play(self) -> None:
        for log in self.logs:
            self.world.start_program()
            self.world.play(log)
            self.world.end_program()

    def render_and_read(self) -> None:
        codec = reference()
        for log in self.logs:
            payments = dict.fromkeys(
                (what.payment, what.kind is OperationKind.QUERY) for verb, what in log if verb == "begin"
            )
            for payment, query in payments:
                if query:
                    codec.query(payment)
                else:
                    codec.submit(payment)
                    codec.fingerprint(payment)
        for kind, answer in self._answers:
            codec.read(kind, answer)

    def collect_answers(self) -> int:
        """Take the answers that each program read; return how many there were."""
        self._answers = []
        for log in self.logs:
            self.world.start_program()
            self.world.play(log)
            self.world.end_program()
            for (query, _), (answer, _) in self.world._readings.items():
                self._answers.append((OperationKind.QUERY if query else OperationKind.SUBMIT, answer))
        return len(self._answers)

    def judge(self) -> None:
        for history in self.histories:
            judge(History(history.header, history.events))

    def hash(self) -> None:
        digest = hashlib.blake2b(digest_size=16)
        for history in self.histories:
            digest.update(canonical(history))


def shares(seed: int, programs: int, rounds: int, steps: int) -> list[tuple[str, float]]:
    """Parts and their cost in microseconds a step, the best of the rounds each."""
    kept = Programs(seed, programs)
    kept.collect_answers()

    def best_us(work: Callable[[], object]) -> float:
        return min(cpu_s(work) for _ in range(rounds)) / steps * 1e6

    hypothesis = min(hypothesis_us(seed, programs) for _ in range(rounds))
    world, codec = best_us(kept.play), best_us(kept.render_and_read)
    return [
        ("Hypothesis and the rules", hypothesis),
        ("rendering and reading", codec),
        ("gateway, provider, recording, settling", world - codec),
        (f"judging by {len(GUARANTEES)} guarantees", best_us(kept.judge)),
        ("hashing the trace", best_us(kept.hash)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--programs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()

    simulate(seed=options.seed, examples=3)  # what is imported and compiled on first use is not a step's cost
    runs = [whole(options.seed, options.programs) for _ in range(options.rounds)]
    report = runs[0][0]
    assert report.violation is None, report.violation
    assert all(other == report for other, _ in runs), "one seed, several outcomes"
    times_s = [spent_s for _, spent_s in runs]
    best_s = min(times_s)
    print(
        f"seed {options.seed}: {report.programs} programs, {report.steps} steps, {report.operations} "
        f"operations, trace {report.trace_hash}"
    )
    fewest = min(n for n in report.exposures.values() if n)
    without = ", ".join(name for name, n in report.exposures.items() if not n)
    print(f"exposures: {sum(report.exposures.values())}, of a guarantee at least {fewest}, none of: {without}\n")
    print("| a CPU-second | best round | median |\n|---|---:|---:|")
    for what, count in (("steps", report.steps), ("programs", report.programs), ("operations", report.operations)):
        print(f"| {what} | {count / best_s:,.0f} | {count / median(times_s):,.0f} |")
    step_us = best_s / report.steps * 1e6
    print("\n| part of a step | µs | share |\n|---|---:|---:|")
    for part, cost_us in shares(options.seed, options.programs, options.rounds, report.steps):
        print(f"| {part} | {cost_us:.0f} | {cost_us / step_us:.0%} |")
    print(f"| a step | {step_us:.0f} | |")
    reached = report.steps / best_s >= LINE_STEPS
    print(f"\nThe line is {LINE_STEPS:,} steps a CPU-second: {'reached' if reached else 'MISSED'}.")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
