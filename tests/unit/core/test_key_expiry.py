"""A number's age by a sandbox's clock: what comes before it may be forgotten, and what after."""

from __future__ import annotations

from ackord.core.event import ClockAdvance, Movement
from ackord.core.exchange import Exchange
from ackord.core.key_expiry import paid_before, until_expiry
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState

ADVANCES = [ClockAdvance(21, 90, 20), ClockAdvance(41, 20, 40)]


def exchange(begin: int, end: int | None, kind: OperationKind = OperationKind.RESUBMIT, id: str = "a") -> Exchange:
    return Exchange(
        1, 0, kind, "ours", "A", 1, begin, end, Observation.ACK, PaymentState.RECEIVED, id, None, 100, "p", True, "", ""
    )


FIRST = exchange(0, 5, OperationKind.SUBMIT)


def test_an_age_below_the_promise_is_before_it() -> None:
    before = exchange(30, 35)
    after = exchange(45, 50)
    kept, expired = until_expiry([FIRST, before, after], ADVANCES, 130)
    assert (kept, expired) == ([FIRST, before], [after])


def test_an_answer_during_the_move_counts_as_after_it() -> None:
    open_meanwhile = exchange(39, 40 + 1)
    assert until_expiry([FIRST, open_meanwhile], ADVANCES, 140)[1] == [open_meanwhile]


def test_a_number_that_was_submitted_after_a_move_is_as_young_as_it_is() -> None:
    late = exchange(50, 60, OperationKind.SUBMIT)
    assert until_expiry([late, exchange(70, 75)], ADVANCES, 30)[1] == []


def test_without_a_move_or_a_promise_nothing_is_set_apart() -> None:
    old = exchange(10_000, 10_001)
    assert until_expiry([FIRST, old], [], 10)[1] == []
    assert until_expiry([FIRST, old], ADVANCES, None)[1] == []


def movement(id: str, kind: str = "payout") -> Movement:
    return Movement(100, "ours", "A", id, 100, kind)


def test_the_payout_of_a_new_order_after_the_expiry_is_not_the_first_ones() -> None:
    moved = [movement("m1"), movement("m2"), movement("m1")]
    assert paid_before(moved, [FIRST], [exchange(45, 50, id="b")]) == [moved[0], moved[2]]


def test_a_second_payout_that_nobody_explains_stays() -> None:
    moved = [movement("m1"), movement("m2")]
    assert paid_before(moved, [FIRST], [exchange(45, 50, id="a")]) == moved
    assert paid_before(moved, [FIRST], []) == moved
    assert paid_before(moved[:1], [FIRST], [exchange(45, 50, id="b")]) == moved[:1]
