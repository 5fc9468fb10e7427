"""One thing under two numbers that both move money; everything that only looks like it is let pass."""

from __future__ import annotations

import pytest

from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.core.verdict import Result

from ..build import Order, order
from .build import SETTLE, findings, intent, judged, reported, result_of

ID = "merchant-pays-once"


def paid(number: str, at: float, *, told: str = "NOT_FOUND", sent: int = 100) -> Order:
    """An order that was submitted and asked for once, and that moved money in the end."""
    one = order(number).submit(at, at + 5, sent=sent).query(at + 10, at + 12, told)
    return one.query(SETTLE + 1, SETTLE + 2, "SUCCEEDED").pays(SETTLE + 3, sent).ledger_read(SETTLE + 5)


def test_paying_again_after_not_found_moves_money_twice() -> None:
    (found,) = findings(ID, paid("A", 0), paid("B", 20))
    assert found.order == "B" and found.result is Result.VIOLATED
    assert "the money moved under A too" in found.summary
    assert "took the answer NOT_FOUND to query" in found.summary
    assert "name the field that tells payments apart" in found.summary, "two genuine payments would look like this"
    assert len(found.movements) == 2 and len(found.evidence) == 3


def test_it_says_that_it_was_no_answer() -> None:
    first = order("A").submit(0, None).query(SETTLE + 1, SETTLE + 2, "SUCCEEDED").pays(SETTLE + 3)
    (found,) = findings(ID, first.ledger_read(SETTLE + 5), paid("B", 20))
    assert "took no answer to submit" in found.summary and "for a failure" in found.summary


@pytest.mark.parametrize(
    ("case", "second", "how"),
    [
        ("another amount", paid("B", 20, sent=101), {}),
        ("after the window", paid("B", 700), {"window_ms": 500}),
        ("another intent by its own word", paid("B", 20), {"events": [intent("A", "i1"), intent("B", "i2")]}),
    ],
)
def test_two_payments_are_two_things(case: str, second: Order, how: dict[str, object]) -> None:
    assert result_of(ID, paid("A", 0), second, **how) == "held"


def test_who_knows_that_the_first_succeeded_means_another_payment() -> None:
    assert result_of(ID, paid("A", 0, told="SUCCEEDED"), paid("B", 20)) == "held"


def test_a_declared_intent_is_certain_whatever_the_amounts() -> None:
    events = [intent("A", "invoice-7"), intent("B", "invoice-7")]
    (found,) = findings(ID, paid("A", 0, told="SUCCEEDED"), paid("B", 20, sent=101), events=events)
    assert "the intent invoice-7" in found.summary and "--intent" not in found.summary


def test_a_new_number_after_a_true_failure_is_right() -> None:
    first = order("A").submit(0, 5).query(10, 12, "FAILED").query(SETTLE + 1, SETTLE + 2, "FAILED")
    assert result_of(ID, first.ledger_read(SETTLE + 5), paid("B", 20)) == "held"


def test_money_that_came_back_may_be_paid_again() -> None:
    first = order("A").submit(0, 5).query(10, 12, "RETURNED").query(SETTLE + 1, SETTLE + 2, "RETURNED")
    first.pays(SETTLE + 3).pays(SETTLE + 3, kind="return").ledger_read(SETTLE + 5)
    assert result_of(ID, first, paid("B", 20)) == "held"


@pytest.mark.parametrize(("callbacks", "expected"), [(False, "VIOLATED"), (True, "held")])
def test_who_was_not_told_that_it_came_back_paid_twice(callbacks: bool, expected: str) -> None:
    options = {"drill": {"intent_window_ns": 10**12, "callbacks": callbacks}}
    first = paid("A", 0).pays(SETTLE + 3, kind="return").ledger_read(SETTLE + 6)
    assert result_of(ID, first, paid("B", 20), options=options) == expected


def test_without_an_answer_that_could_be_misread_nothing_is_held() -> None:
    one = order("A").submit(0, 5).query(10, 12, "SUCCEEDED").query(SETTLE + 1, SETTLE + 2, "SUCCEEDED").pays(SETTLE + 3)
    verdict = judged(one.ledger_read(SETTLE + 5)).of(ID)
    assert verdict.result is Result.INCONCLUSIVE and "misread" in verdict.reason


def test_a_ledger_is_not_needed_where_the_orders_show_it() -> None:
    def shown(number: str, at: float) -> Order:
        return order(number).submit(at, at + 5).query(at + 10, at + 12, "NOT_FOUND").query(
            SETTLE + 1, SETTLE + 2, "SUCCEEDED"
        )  # fmt: skip

    assert result_of(ID, shown("A", 0), shown("B", 20)) == "VIOLATED"
    assert any("no ledger was read" in note for note in judged(shown("A", 0)).notes)


@pytest.mark.parametrize(
    ("answer", "expected"), [(SamePayloadAnswer.NEW_MOVEMENT, "VIOLATED"), (SamePayloadAnswer.REPLAY_CURRENT, "held")]
)
def test_one_number_twice_is_the_merchant_s_only_where_no_number_is_recognised(
    answer: SamePayloadAnswer, expected: str
) -> None:
    one = order("A").submit(0, None).resubmit(20, 25).query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")
    one.pays(SETTLE + 3).pays(SETTLE + 3).ledger_read(SETTLE + 5)
    promises = Promises(on_same_payload=answer)
    assert result_of(ID, one, promises=promises) == expected
    told = any("not the merchant's fault" in note for note in judged(one, promises=promises).notes)
    assert told == (expected == "held")


@pytest.mark.parametrize(("payments", "expected"), [(2, "VIOLATED"), (1, "held")])
def test_the_merchant_s_own_books_count(payments: int, expected: str) -> None:
    assert result_of(ID, paid("A", 0), events=[reported(SETTLE + 9, None, "A", payments=payments)]) == expected
