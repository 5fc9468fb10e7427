"""What must agree in a journal, event by event; whole forged runs are in tests/simulated/test_forged_journals.py."""

from __future__ import annotations

import pytest

from ackord.core.clock import SECOND
from ackord.core.event import Begin, Complete, Event, FaultChange, LedgerRead, Movement
from ackord.core.history import History, RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.statement_events import StatementRead
from ackord.record.consistency import inconsistency

M, P = Vantage.MERCHANT, Vantage.PROVIDER
HEADER = RunHeader("x", "none", "provider", P, 1, Promises())


def begin(at_ns: int, op: int = 1, vantage: Vantage = M, copy: int = 0) -> Begin:
    return Begin(at_ns, vantage, op, copy, OperationKind.QUERY, "main", "A", 1, "f", None, "")


def end(at_ns: int, op: int = 1, vantage: Vantage = M, copy: int = 0, *, answered: bool = True) -> Complete:
    answer = {"status": 200, "headers": {}, "body": "", "truncated": False} if answered else None
    return Complete(
        at_ns, vantage, op, copy, Outcome.OK, Observation.STATUS, PaymentState.PROCESSING, None, None, "200", answer
    )


WHOLE: list[Event] = [begin(1), begin(2, vantage=P), end(3, vantage=P), end(4)]


def found(events: list[Event], *, complete: bool = True) -> tuple[int, str] | None:
    return inconsistency(History(HEADER, events, complete=complete))


@pytest.mark.parametrize(
    "events",
    [
        WHOLE,
        [*WHOLE, begin(5, vantage=P, copy=1), end(6, vantage=P, copy=1)],
        [begin(1), end(9, answered=False), begin(2, vantage=P), end(12, vantage=P)],
        [begin(1), FaultChange(2, "redirect", "fired", "edge", 1, {}), end(3)],
        [begin(20 * SECOND), end(21 * SECOND, answered=False), begin(11 * SECOND, op=2), end(22 * SECOND, op=2, answered=False)],
        [Movement(1, "main", "A", "m", 1, "payout"), LedgerRead(2, 1), LedgerRead(3, 0)],
        [Movement(1, "main", "A", "m", 1, "payout"), LedgerRead(2, 0, "page 2: time-out")],
    ],
    ids=["whole", "a copy", "given up", "answered by a fault", "written late", "a ledger", "a ledger that broke off"],
)  # fmt: skip
def test_what_agrees(events: list[Event]) -> None:
    assert found(events) is None


@pytest.mark.parametrize(
    ("events", "index", "problem"),
    [
        ([begin(1), begin(1)], 1, "begins twice"),
        ([*WHOLE, end(5)], 4, "completed twice"),
        ([end(1)], 0, "did not begin"),
        ([begin(5), end(4)], 1, "before it began"),
        ([begin(5), begin(4, vantage=P)], 1, "before the merchant began it"),
        ([begin(1), begin(2, vantage=P)._replace(order="B")], 1, "another one at the provider"),
        ([begin(1, vantage=P)], 0, "no merchant began it"),
        ([begin(30 * SECOND), begin(19 * SECOND, op=2)], 1, "11 s before"),
        ([LedgerRead(1, 1)], 0, "had 1 movements, and 0 stand before it"),
        ([StatementRead(1, 1, 1, 1)], 0, "reading 1 of the statement had 1 lines, and 0 stand before it"),
        ([begin(1)], 0, "never ends"),
        ([begin(1, op=2), end(2, op=2, answered=False)], 0, "operation 1 is missing"),
        ([begin(1), end(2)], 0, "never reached the provider"),
    ],
)
def test_what_does_not(events: list[Event], index: int, problem: str) -> None:
    at, said = found(events) or (-1, "")
    assert at == index
    assert problem in said


def test_a_journal_that_was_cut_off_may_leave_operations_open() -> None:
    assert found([begin(1)], complete=False) is None
