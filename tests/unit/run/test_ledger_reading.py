"""The ledger at the end of a run: read again while payouts are due, order by order where it must be, and no longer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.client.movement_source import MovementSource
from ackord.client.transport import NoResponse
from ackord.contract.codec.codec import Payment
from ackord.contract.spec.order_numbers import OrderNumberFormat
from ackord.core.clock import MS, RealClock
from ackord.core.event import Begin, Complete, LedgerRead, Movement, UnknownMovements
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.seed import Seed
from ackord.guarantees.judge import judge
from ackord.record.recorder import Recorder
from ackord.run import ledger_reading
from ackord.run.ledger_reading import LedgerReading
from ackord.workload.order_factory import OrderFactory

PAID = "succeeded-order-paid"


class LedgerStub(MovementSource):
    """A source that shows the payout from the nth reading on; ``by_order``: read order by order."""

    def __init__(self, recorder: Recorder, clock: RealClock, *, shown_from: int | None, by_order: bool = False) -> None:
        self.recorder, self.clock, self.shown_from = recorder, clock, shown_from
        self.by_order = by_order
        self.readings: list[str] = []
        self.problem = ""
        self.strangers = ("somebody-else", "another-run")

    async def read(self, concerns: Any, payment: Payment | None = None) -> int:
        if self.problem:
            raise NoResponse(self.problem)
        began_ns = self.clock.now_ns()
        number = payment.order_no if payment is not None else ""
        self.readings.append(number)
        assert [concerns(name) for name in self.strangers] == [False] * len(self.strangers)
        if self.shown_from is not None and self.readings.count(number) >= self.shown_from:
            self.recorder.add(Movement(began_ns, "main", number or "RUN-0000000001", f"m{number}", 500, "payout"))
        self.recorder.add(LedgerRead(self.clock.now_ns(), 1, began_ns=began_ns, order=number))
        return 1

    async def close(self) -> None:
        pass


def run(
    *,
    shown_from: int | None,
    by_order: bool = False,
    orders: int = 1,
    problem: str = "",
    strangers: tuple[str, ...] = ("another-run",),
) -> LedgerStub:
    clock = RealClock()
    promises = Promises(posts_within_ns=50 * MS)
    header = RunHeader("small", "none", "provider", Vantage.PROVIDER, 1, promises)
    recorder = Recorder(header, lambda kind, answer, context: None)  # type: ignore[arg-type, return-value]
    book = OrderFactory(Seed(1), "RUN-", form=OrderNumberFormat("RUN-0123456789", (14, 14)), account="main")
    for _ in range(orders):
        number = book.create_order(amount_minor=500).payment.order_no
        now_ns, op = clock.now_ns(), recorder.next_op()
        for kind, seen in ((OperationKind.SUBMIT, Observation.ACK), (OperationKind.QUERY, Observation.STATUS)):
            recorder.add(Begin(now_ns, Vantage.PROVIDER, op, 0, kind, "main", number, 1, "p", 500, ""))
            recorder.add(
                Complete(now_ns, Vantage.PROVIDER, op, 0, Outcome.OK, seen, PaymentState.SUCCEEDED, None, 500, "", None)
            )
            op = recorder.next_op()
    stub = LedgerStub(recorder, clock, shown_from=shown_from, by_order=by_order)
    stub.problem, stub.strangers = problem, strangers
    reading = LedgerReading(stub, recorder, book, clock, lambda number: False, {"another-run"}.__contains__)
    asyncio.run(reading.read())
    return stub


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_reading, "_PATIENCE_NS", 0)


def result(stub: LedgerStub) -> str:
    return judge(stub.recorder.history(), [PAID]).of(PAID).result.value


def test_a_payout_that_is_there_is_read_once() -> None:
    stub = run(shown_from=1)
    assert (stub.readings, result(stub)) == ([""], "HELD")


def test_a_payout_that_is_due_is_waited_for() -> None:
    stub = run(shown_from=2)
    assert (len(stub.readings), result(stub)) == (2, "HELD")


def test_a_payout_that_never_comes_is_found_once_the_time_is_over() -> None:
    stub = run(shown_from=None)
    assert len(stub.readings) > 1
    assert result(stub) == "VIOLATED"


def test_a_ledger_by_order_is_read_for_each_and_again_for_those_that_lack() -> None:
    stub = run(shown_from=2, by_order=True, orders=2)
    assert sorted(stub.readings) == sorted([f"RUN-000000000{n}" for n in (1, 2)] * 2)
    assert result(stub) == "HELD"


def test_a_ledger_by_order_is_read_for_so_many_and_the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_reading, "MOST_ORDERS", 1)
    stub = run(shown_from=1, by_order=True, orders=3)
    assert len(stub.readings) == 1
    [note] = [n for n in judge(stub.recorder.history(), [PAID]).notes if "ledger" in n]
    assert "could not be read for 2 of 3 orders" in note and "1 orders of a run at most" in note


def test_why_a_ledger_cannot_be_read_is_recorded() -> None:
    stub = run(shown_from=1, problem="503")
    [read] = [event for event in stub.recorder.events if type(event) is LedgerRead]
    assert (read.problem, result(stub)) == ("503", "INCONCLUSIVE")


@pytest.mark.parametrize("by_order", [False, True])
def test_rows_under_unknown_numbers_are_counted_once_however_often_they_are_read(by_order: bool) -> None:
    stub = run(shown_from=2, by_order=by_order, orders=2 if by_order else 1, strangers=("else", "another-run"))
    [unknown] = [event for event in stub.recorder.events if type(event) is UnknownMovements]
    assert unknown.rows == (2 if by_order else 1), "the other number is of another run of the session"
    [note] = [n for n in judge(stub.recorder.history(), [PAID]).notes if "other runs" in n]
    assert note.startswith("2 movements in the ledger stand" if by_order else "1 movement in the ledger stands")


def test_where_all_rows_are_of_the_session_nothing_is_told() -> None:
    stub = run(shown_from=1)
    assert not [event for event in stub.recorder.events if type(event) is UnknownMovements]
    assert judge(stub.recorder.history(), [PAID]).notes == ()
