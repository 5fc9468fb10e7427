"""A payment that is taken for failed while its money moved: by its own word, by its books, or by paying anew."""

from __future__ import annotations

import pytest

from ackord.core.verdict import MissingEvidence, Result

from ..build import Order, order
from .build import SETTLE, findings, judged, reported, result_of

ID = "merchant-never-fails-unsettled"


def misread(number: str = "A", *, end: str = "SUCCEEDED", at: float = 0) -> Order:
    one = order(number).submit(at, at + 5).query(at + 10, at + 12, "NOT_FOUND").query(SETTLE + 1, SETTLE + 2, end)
    return (one.pays(SETTLE + 3) if end == "SUCCEEDED" else one).ledger_read(SETTLE + 5)


@pytest.mark.parametrize(("outcome", "expected"), [("failed", "VIOLATED"), ("paid", "held"), ("open", "held")])
def test_what_it_reports(outcome: str, expected: str) -> None:
    assert result_of(ID, misread(), events=[reported(20, outcome, "A")]) == expected


@pytest.mark.parametrize(("end", "expected"), [("PROCESSING", "VIOLATED"), ("FAILED", "none"), ("NOT_FOUND", "none")])
def test_money_that_may_still_move_counts_and_what_failed_does_not(end: str, expected: str) -> None:
    assert result_of(ID, misread(end=end), events=[reported(20, "failed", "A")]) == expected


def test_the_finding_says_what_it_was_told_last() -> None:
    (found,) = findings(ID, misread(), events=[reported(20, "failed", "A")])
    assert "reported as failed (output)" in found.summary and "its money moved" in found.summary
    assert "the last that it was told was NOT_FOUND, to query" in found.summary


def test_books_without_the_payment_say_the_same() -> None:
    (found,) = findings(ID, misread(), events=[reported(SETTLE + 9, None, "A", payments=0)])
    assert "not in the merchant's books" in found.summary


def test_paying_under_another_number_gives_the_first_up() -> None:
    second = order("B").submit(20, 25).query(SETTLE + 1, SETTLE + 2, "FAILED").ledger_read(SETTLE + 5)
    (found,) = findings(ID, misread(), second)
    assert found.order == "A" and "paid under B instead" in found.summary


def test_money_that_came_back_is_settled() -> None:
    one = misread().pays(SETTLE + 4, kind="return").ledger_read(SETTLE + 6)
    assert not findings(ID, one, events=[reported(20, "failed", "A")])


def test_a_merchant_that_says_nothing_is_not_held() -> None:
    verdict = judged(misread()).of(ID)
    assert verdict.result is Result.NOT_APPLICABLE and "--report-pattern" in verdict.reason
    assert verdict.missing is None, "nobody expects it"
    expected = judged(misread(), exposes=(ID,)).of(ID)
    assert (expected.result, expected.missing) == (Result.INCONCLUSIVE, MissingEvidence.MERCHANT_OUTCOMES)


def test_one_that_says_everything_and_was_told_everything_is_not_held_either() -> None:
    one = order("A").submit(0, 5).query(10, 12, "SUCCEEDED").query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")
    verdict = judged(one, events=[reported(20, "paid", "A")], exposes=(ID,)).of(ID)
    assert verdict.result is Result.INCONCLUSIVE and "misread" in verdict.reason
