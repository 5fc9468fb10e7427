"""What is one payable thing, and what became of its orders."""

from __future__ import annotations

import pytest

from ackord.core.event import Event
from ackord.core.payment_state import PaymentState
from ackord.guarantees.merchant.intent import Intent, intents_of

from ..build import Order, order
from .build import SETTLE, delivered, drill, intent, reported


def submitted(number: str, at: float, **sent: object) -> Order:
    return order(number).submit(at, at + 5, **sent)


def grouped(*orders: Order, **how: object) -> list[list[str]]:
    found, _ = intents_of(drill(*orders, **how))  # type: ignore[arg-type]
    return [[o.number for o in each.orders] for each in found]


def only(*orders: Order, **how: object) -> Intent:
    found, _ = intents_of(drill(*orders, **how))  # type: ignore[arg-type]
    (one,) = found
    return one


def test_the_same_payee_and_amount_within_the_window_are_one_thing() -> None:
    assert grouped(submitted("A", 0), submitted("B", 50), submitted("C", 900), window_ms=500) == [["A", "B"], ["C"]]


@pytest.mark.parametrize("other", [{"sent": 101}, {"to": "another"}, {"account": "other"}])
def test_what_differs_is_another_thing(other: dict[str, object]) -> None:
    assert grouped(submitted("A", 0), submitted("B", 50, **other)) == [["A"], ["B"]]


def test_after_a_known_success_the_same_payment_is_meant_anew() -> None:
    first = submitted("A", 0).query(10, 12, "SUCCEEDED")
    assert grouped(first, submitted("B", 50)) == [["A"], ["B"]]
    assert grouped(submitted("A", 0).query(10, 60, "SUCCEEDED"), submitted("B", 50)) == [["A", "B"]], "not known yet"


def test_a_declared_field_counts_alone_and_order_by_order() -> None:
    orders = [submitted("A", 0), submitted("B", 50, sent=7), submitted("C", 60), submitted("D", 70)]
    events = [intent("A", "one"), intent("B", "one"), intent("C", "two")]
    assert grouped(*orders, events=events) == [["A", "B"], ["C"], ["D"]]


def test_an_amount_that_cannot_be_read_groups_nothing() -> None:
    assert grouped(submitted("A", 0, sent=None), submitted("B", 50, sent=None)) == [["A"], ["B"]]


def test_what_the_harness_asks_at_the_end_is_none_of_the_merchant_s_doing() -> None:
    one = submitted("A", 0).query(10, 12, "NOT_FOUND").query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")
    (merchant_order,) = only(one).orders
    assert (len(merchant_order.calls), merchant_order.last) == (2, PaymentState.SUCCEEDED)
    assert merchant_order.seen is not PaymentState.SUCCEEDED
    assert [x.kind.value for x in merchant_order.misleading()] == ["query"]


def test_an_order_that_was_never_submitted_is_no_intent() -> None:
    assert grouped(order("A").query(0, 5, "NOT_FOUND"), submitted("B", 10)) == [["B"]]


@pytest.mark.parametrize(
    ("answer", "misleads"),
    [
        ("SUCCEEDED", False), ("PROCESSING", False), ("NOT_FOUND", True), ("FAILED", True), ("RETRYABLE", True),
        ("UNREADABLE", True), ("IN_PROGRESS", True), ("REJECTED", True),
    ],
)  # fmt: skip
def test_what_can_be_misread(answer: str, misleads: bool) -> None:
    one = submitted("A", 0).query(10, 12, answer).query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")
    assert bool(only(one).misleading()) == misleads


def test_a_status_that_went_down_can_be_misread_and_one_that_is_final_cannot() -> None:
    one = submitted("A", 0).query(10, 12, "SUCCEEDED").query(20, 22, "PROCESSING")
    assert only(one.query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")).misleading() == 1


def test_nothing_misleads_about_an_order_that_never_was() -> None:
    one = order("A").submit(0, None).query(10, 12, "NOT_FOUND").query(SETTLE + 1, SETTLE + 2, "NOT_FOUND")
    assert only(one.ledger_read(SETTLE + 5)).misleading() == 0


def test_reports_find_their_intent_and_strangers_are_counted() -> None:
    events = [
        intent("A", "one"), reported(30, "failed", "A"), reported(40, "paid", intent="one"), reported(50, "paid", "Z"),
    ]  # fmt: skip
    found, strangers = intents_of(drill(submitted("A", 0), events=events))
    assert ([r.at_ns for r in found[0].reports], strangers) == ([30_000_000, 40_000_000], 1)
    assert len(found[0].reports_of(found[0].orders[0])) == 2


def test_a_declared_place_that_the_submits_lack_is_said_in_place_of_the_advice_to_declare_one() -> None:
    orders = [order("A").submit(0, 5), order("B").submit(10, 15)]
    (declared,), _ = intents_of(drill(*orders, options={"drill": {"intent_window_ns": 10**12, "intent": "$.invoice"}}))
    (undeclared,), _ = intents_of(drill(*orders))
    assert "nothing at $.invoice" in declared.guessed and "--intent" not in declared.guessed
    assert "--intent" in undeclared.guessed


# -- callbacks ---------------------------------------------------------------------------------------------------------


def test_a_callback_that_the_merchant_took_is_what_it_was_told() -> None:
    one = only(submitted("A", 0), events=[delivered(10, "PROCESSING"), delivered(20, "SUCCEEDED")]).orders[0]
    assert one.seen is PaymentState.SUCCEEDED and len(one.callbacks) == 2
    for lost in (
        delivered(20, "SUCCEEDED", forged="signature: wrong"), delivered(20, "SUCCEEDED", status=500),
        delivered(20, "SUCCEEDED", status=None), delivered(SETTLE + 20, "SUCCEEDED"),
    ):  # fmt: skip
        assert only(submitted("A", 0), events=[lost]).orders[0].seen is not PaymentState.SUCCEEDED


def test_who_was_called_about_a_success_means_another_payment() -> None:
    both = [submitted("A", 0), submitted("B", 50)]
    assert grouped(*both, events=[delivered(20, "SUCCEEDED")]) == [["A"], ["B"]]
    assert grouped(*both, events=[delivered(60, "SUCCEEDED")]) == [["A", "B"]], "not known yet"


@pytest.mark.parametrize(
    ("events", "misleads"),
    [
        ([delivered(10, "SUCCEEDED")], 0), ([delivered(10, "SUCCEEDED"), delivered(20, "PROCESSING")], 1),
        ([delivered(10, "FAILED", forged="signature: wrong")], 1), ([delivered(10, "PROCESSING")], 0),
    ],
)  # fmt: skip
def test_callbacks_that_can_be_misread(events: list[Event], misleads: int) -> None:
    one = submitted("A", 0).query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")
    assert only(one, events=events).misleading() == misleads
