"""What the guarantees about money compare."""

from __future__ import annotations

import pytest

from ackord.core.history import OrderHistory
from ackord.core.promises import Promises
from ackord.guarantees.money import (
    may_have_paid,
    no_ledger,
    payouts_posted,
    posted_by_ns,
    posting_promised,
    submits_of,
    was_accepted,
)

from .build import Order, history, order


def cut(one: Order) -> OrderHistory:
    [found] = history(one).orders
    return found


def test_a_contract_without_a_ledger_is_not_judged() -> None:
    assert no_ledger(Promises()) == ""
    assert "no ledger" in no_ledger(Promises(has_ledger=False))


@pytest.mark.parametrize(
    ("promises", "due_ns", "promised"),
    [
        (Promises(posts_within_ns=5, settles_within_ns=90), 105, True),
        (Promises(posts_within_ns=None, settles_within_ns=90), 190, True),
        (Promises(posts_within_ns=None, settles_within_ns=90, unknown=frozenset({"settles_within"})), 190, False),
        (Promises(posts_within_ns=None, settles_within_ns=None), 100, False),
    ],
)
def test_what_was_said_is_due_after_the_promised_time(promises: Promises, due_ns: int, promised: bool) -> None:
    assert posted_by_ns(promises, 100, None) == posted_by_ns(promises, 100, 40) == due_ns
    assert posted_by_ns(promises, 40, 100) == due_ns, "faults put it off"
    assert posting_promised(promises) is promised


def test_payouts_are_those_of_the_last_reading_each_once() -> None:
    one = order().submit(0, 5).pays(6, id="old").ledger_read(6)
    one.pays(9, id="m", account="theirs").pays(10, id="m", account="theirs").pays(10, kind="return").ledger_read(
        11, began=8
    )
    assert [m.movement_id for m in payouts_posted(cut(one))] == ["m"]


def test_submits_are_told_apart_by_account() -> None:
    found = cut(order().submit(0, 5).submit(6, 7, account="theirs").query(8, 9, account="theirs"))
    assert [x.account for x in submits_of(found, "")] == ["ours"]
    assert [x.account for x in submits_of(found, "theirs")] == ["theirs"]


@pytest.mark.parametrize(
    ("answer", "may"),
    [
        ("ACK", True),
        ("RETRYABLE", True),
        ("UNREADABLE", True),
        ("REJECTED", False),
        ("CONFLICT", False),
        ("DUPLICATE", False),
        ("IN_PROGRESS", False),
    ],
)
def test_which_submit_may_have_paid(answer: str, may: bool) -> None:
    assert may_have_paid(cut(order().submit(0, 5, answer)).submits[0]) is may


def test_a_submit_without_an_answer_may_have_paid_and_a_definite_error_not() -> None:
    assert may_have_paid(cut(order().submit(0)).submits[0])
    assert not may_have_paid(cut(order().submit(0, 5, "RETRYABLE", definite=True)).submits[0])


@pytest.mark.parametrize(
    ("one", "taken"),
    [
        (order().submit(0, 5), True),
        (order().submit(0, 5, "IN_PROGRESS"), True),
        (order().submit(0, 5, "DUPLICATE"), True),
        (order().submit(0).query(1, 2), True),
        (order().submit(0).pays(3), True),
        (order().submit(0, 5, "REJECTED"), False),
        (order().submit(0, 5, "RETRYABLE"), False),
        (order().submit(0), False),
    ],
)
def test_what_shows_that_an_order_was_taken(one: Order, taken: bool) -> None:
    assert was_accepted(cut(one)) is taken
