"""How fast histories are judged, how the time grows with their size, and whether the judge agrees with brute force.

    python -m tests.benchmarks.judging                     the table, up to 1,000,000 events
    python -m tests.benchmarks.judging --events 250000     a smaller one
    python -m tests.benchmarks.judging --oracle 100000     the judge against brute force on that many small histories

Times are CPU seconds of one process. An *operation* is one exchange at the judged vantage: two of the four events that
it leaves in a journal.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections.abc import Iterator

from ackord.core.clock import MS, SECOND
from ackord.core.event import Begin, Complete, Event, LedgerRead, Movement, Phase
from ackord.core.history import History, RunHeader
from ackord.core.landing import estimate
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises
from ackord.core.verdict import Result
from ackord.guarantees import GUARANTEES, load_guarantee_plugins
from ackord.guarantees.judge import judge

STATUS_GUARANTEES = (
    "acknowledged-order-visible",
    "acknowledged-order-not-failed",
    "observed-order-stays-visible",
    "status-never-regresses",
    "terminal-status-final",
)
PROMISES = Promises(
    lands_within_ns=2 * SECOND,
    settles_within_ns=60 * SECOND,
    later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 3600 * SECOND),),
)


class Generator:
    """A storm of orders: submit, polls until settled, lost answers and resubmissions, some altered, one ledger reading
    at the end.
    """

    def __init__(self, seed: int, faulty_share: float) -> None:
        self._random = random.Random(seed)
        self._faulty_share = faulty_share
        self._ops = 0
        self.events: list[Event] = []

    def history(self, events: int) -> History:
        header = RunHeader("bench", "storm", "provider", Vantage.PROVIDER, 1, PROMISES)
        at_ns = 0
        number = 0
        while len(self.events) < events:
            number += 1
            at_ns += self._random.randrange(MS)
            self._order(f"order-{number:07d}", at_ns)
        self.events.sort(key=lambda e: e.at_ns)
        end_ns = self.events[-1].at_ns
        self.events += [Phase(end_ns, "settle"), LedgerRead(end_ns + 1, number)]
        return History(header, self.events)

    def _order(self, number: str, at_ns: int) -> None:
        r = self._random
        faulty = r.random() < self._faulty_share
        pid = f"po_{number}"
        lost = r.random() < 0.1
        submit = OperationKind.SUBMIT
        done_ns = self._call(at_ns, submit, number, Observation.ACK, PaymentState.RECEIVED, pid, heard=not lost)
        settles_ns = done_ns + r.randrange(200 * MS)
        overlap_ns = done_ns - r.randrange(2 * MS)
        self._call(overlap_ns, OperationKind.QUERY, number, Observation.STATUS, PaymentState.RECEIVED, pid)
        for _ in range(r.randrange(8, 16)):
            at_ns = done_ns + r.randrange(20 * MS)
            state = PaymentState.PROCESSING if at_ns < settles_ns else PaymentState.SUCCEEDED
            if r.random() < 0.15:
                done_ns = self._call(at_ns, OperationKind.RESUBMIT, number, Observation.ACK, state, pid)
            elif faulty and r.random() < 0.1:
                done_ns = self._call(
                    at_ns, OperationKind.QUERY, number, Observation.NOT_FOUND, PaymentState.UNKNOWN, None
                )
            else:
                done_ns = self._call(at_ns, OperationKind.QUERY, number, Observation.STATUS, state, pid)
        if r.random() < 0.1:
            self._call(
                done_ns, OperationKind.RESUBMIT, number, Observation.CONFLICT, PaymentState.UNKNOWN, None, "other"
            )
        self.events.append(Movement(done_ns, "ours", number, f"mv_{number}", 100, "payout"))

    def _call(
        self, at_ns: int, kind: OperationKind, number: str, observation: Observation, state: PaymentState,
        pid: str | None, payload: str = "payload", *, heard: bool = True,
    ) -> int:  # fmt: skip
        """One exchange at both vantages; returns when the merchant's side of it was over."""
        r = self._random
        self._ops += 1
        op = self._ops
        sent = None if kind is OperationKind.QUERY else 100
        reached_ns = at_ns + 50_000 + r.randrange(100_000)
        answered_ns = reached_ns + 200_000 + r.randrange(MS)
        for vantage, begin_ns, end_ns in (
            (Vantage.MERCHANT, at_ns, answered_ns + 100_000),
            (Vantage.PROVIDER, reached_ns, answered_ns),
        ):
            self.events.append(Begin(begin_ns, vantage, op, 0, kind, "ours", number, 1, payload, sent, ""))
            known = heard or vantage is Vantage.PROVIDER
            self.events.append(
                Complete(
                    end_ns, vantage, op, 0, Outcome.OK if known else Outcome.INFO, observation if known else None,
                    state, pid, 100, "200", None,
                )
            )  # fmt: skip
        return answered_ns + 100_000


def _cpu_seconds() -> float:
    return time.process_time()


def measure(events: int, faulty_share: float) -> tuple[int, int, float, float, float, float]:
    """Operations, orders, and CPU seconds for: cutting, the five status guarantees, all of them, the landing window."""
    history = Generator(1, faulty_share).history(events)
    gc.collect()
    start = _cpu_seconds()
    orders = history.orders
    cut = _cpu_seconds() - start
    operations = sum(len(o.exchanges) for o in orders)
    start = _cpu_seconds()
    judge(history, STATUS_GUARANTEES)
    status = _cpu_seconds() - start
    again = Generator(1, faulty_share).history(events)
    gc.collect()
    start = _cpu_seconds()
    verdict = judge(again)
    everything = _cpu_seconds() - start
    assert not [g for g in verdict.guarantees if g.result is Result.ERROR]
    assert (verdict.result is Result.VIOLATED) == (faulty_share > 0), [g for g in verdict.guarantees if g.findings]
    start = _cpu_seconds()
    estimate(again)
    return operations, len(orders), cut, status, everything, _cpu_seconds() - start


def sizes(largest: int) -> Iterator[int]:
    for shift in (4, 3, 2, 1, 0):
        yield largest >> shift


def table(largest: int, faulty_share: float) -> None:
    print(f"{len(GUARANTEES)} guarantees; {faulty_share:.0%} of the orders with not-found answers")
    print("   events  operations  orders   cut s  status s  M ops/s  all + cut s  us/event  landing s")
    for events in sizes(largest):
        operations, orders, cut, status, everything, landing = measure(events, faulty_share)
        print(
            f"{events:>9,} {operations:>11,} {orders:>7,} {cut:>7.2f} {status:>9.3f} {operations / status / 1e6:>8.2f} "
            f"{everything:>12.2f} {everything / events * 1e6:>9.2f} {landing:>10.2f}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000, help="the largest history (default: %(default)s)")
    parser.add_argument(
        "--faulty", type=float, default=0.01, help="share of orders with violations (default: %(default)s)"
    )
    parser.add_argument(
        "--oracle", type=int, default=0, metavar="N", help="compare with brute force on N histories instead"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.oracle:
        from ..unit.guarantees.money_oracle import compare_money
        from ..unit.guarantees.oracle import compare

        start = _cpu_seconds()
        reports = [compare(options.oracle, options.seed), compare_money(options.oracle, options.seed)]
        print("\n".join(report.text() for report in reports))
        print(f"{_cpu_seconds() - start:.1f} CPU seconds")
        return 1 if any(report.disagreements for report in reports) else 0
    load_guarantee_plugins()  # a process does this once, whatever the size
    table(options.events, options.faulty)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
