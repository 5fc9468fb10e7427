"""An order's history keeps what a statement says of it."""

from __future__ import annotations

from ackord.core.event import Movement
from ackord.core.order_history import OrderHistory
from ackord.core.statement_events import StatedLine


def test_an_order_has_its_lines_and_all_readings() -> None:
    line = StatedLine(1, 1, 1, "A", "m1", 100, "payout")
    one = OrderHistory("A", [], [], None, lines=[line])
    assert list(one.lines) == [line]
    assert not one.statements
    assert (one.account, one.submits, one.queries) == ("", [], [])


def test_payouts_are_the_owners_each_once() -> None:
    moved = [Movement(1, "", "A", "m1", 100, "payout"), Movement(2, "", "A", "m1", 100, "payout")]
    assert len(OrderHistory("A", [], moved, None).payouts) == 1
