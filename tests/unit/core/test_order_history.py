"""An order's history is made of its exchanges: those without the number for a key, and those after its expiry, stand
apart.
"""

from __future__ import annotations

from ackord.core.clock import SECOND
from ackord.core.event import ClockAdvance, Movement
from ackord.core.order_history import OrderHistory, order_history
from ackord.core.statement_events import StatedLine

from ..guarantees.build import OURS, history, order

MOVED = [Movement(9, OURS, "A", "m1", 100, "payout")]


def made(one: OrderHistory, *, varied: bool, advances: tuple[ClockAdvance, ...] = ()) -> OrderHistory:
    exchanges = sorted(
        [*one.exchanges, *(x for x in one.key_probes if x not in one.exchanges)], key=lambda x: x.begin_ns
    )
    return order_history("A", exchanges, MOVED, None, (), advances, 10 * SECOND, varied=varied)


def test_a_submit_without_a_key_stands_apart_and_moves_nothing_of_the_number() -> None:
    (one,) = history(order("A").submit(0, 5, variation="key-missing").submit(6, 7, variation="key-overlong")).orders
    found = made(one, varied=True)
    assert [x.variation for x in found.key_probes] == ["key-missing", "key-overlong"]
    assert [x.variation for x in found.exchanges] == ["key-overlong"]
    assert found.movements == []


def test_usual_requests_are_all_there() -> None:
    (one,) = history(order("A").submit(0, 5).query(6, 7)).orders
    found = made(one, varied=False)
    assert len(found.exchanges) == 2 and found.key_probes == [] and found.movements == MOVED


def test_what_comes_after_the_expiry_stands_apart() -> None:
    (one,) = history(order("A").submit(0, 5).resubmit(30, 35)).orders
    advance = ClockAdvance(20_000_000, 3600 * SECOND, 19_000_000)
    found = made(one, varied=False, advances=(advance,))
    assert [len(found.exchanges), len(found.expired)] == [1, 1]


def test_an_order_has_its_lines_and_all_readings() -> None:
    line = StatedLine(1, 1, 1, "A", "m1", 100, "payout")
    one = OrderHistory("A", [], [], None, lines=[line])
    assert list(one.lines) == [line]
    assert not one.statements
    assert (one.account, one.submits, one.queries) == ("", [], [])


def test_payouts_are_the_owners_each_once() -> None:
    moved = [Movement(1, "", "A", "m1", 100, "payout"), Movement(2, "", "A", "m1", 100, "payout")]
    assert len(OrderHistory("A", [], moved, None).payouts) == 1
