"""Answers whose signature is wrong, and what a merchant does after one."""

from __future__ import annotations

import pytest

from ..build import Order, order
from .build import SETTLE, delivered, findings, reported, result_of

ID = "merchant-verifies"
FORGED = {"detail": "not genuine: the signature is wrong"}


def forged() -> Order:
    return order("A").submit(0, 5).query(10, 12, "UNREADABLE", **FORGED)


def end(one: Order) -> Order:
    return one.query(SETTLE + 1, SETTLE + 2, "PROCESSING")


@pytest.mark.parametrize(("outcome", "expected"), [("paid", "VIOLATED"), ("failed", "VIOLATED"), ("open", "held")])
def test_an_outcome_that_rests_on_it(outcome: str, expected: str) -> None:
    assert result_of(ID, end(forged()), events=[reported(20, outcome, "A")]) == expected


def test_an_outcome_that_rests_on_a_genuine_answer() -> None:
    later = end(forged().query(20, 22, "SUCCEEDED"))
    assert result_of(ID, later, events=[reported(30, "paid", "A")]) == "held"
    before = order("A").submit(0, 5).query(6, 8, "SUCCEEDED").query(10, 12, "UNREADABLE", **FORGED)
    assert result_of(ID, end(before), events=[reported(20, "paid", "A")]) == "held"


def test_paying_again_after_it() -> None:
    (found,) = findings(ID, end(forged()), end(order("B").submit(20, 25)))
    assert "paid again under B" in found.summary and "not genuine" in found.summary


def test_an_answer_that_is_unreadable_otherwise_is_no_forgery() -> None:
    one = end(order("A").submit(0, 5).query(10, 12, "UNREADABLE", detail="200 text/html"))
    assert result_of(ID, one, events=[reported(20, "failed", "A")]) == "none"


# -- forged callbacks --------------------------------------------------------------------------------------------------

WRONG = "signature: wrong"


def open_order(number: str = "A") -> Order:
    return order(number).submit(0, 5)


def paid(one: Order) -> Order:
    return one.query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")


@pytest.mark.parametrize(
    ("claim", "outcome", "expected"),
    [
        ("FAILED", "failed", "VIOLATED"), ("SUCCEEDED", "paid", "VIOLATED"), ("FAILED", "paid", "held"),
        ("FAILED", "open", "held"),
    ],
)  # fmt: skip
def test_an_outcome_that_only_a_forged_callback_said(claim: str, outcome: str, expected: str) -> None:
    events = [delivered(10, claim, forged=WRONG), reported(20, outcome, "A")]
    assert result_of(ID, paid(open_order()), events=events) == expected


def test_the_finding_names_the_forged_callback() -> None:
    events = [delivered(10, "FAILED", forged=WRONG), reported(20, "failed", "A")]
    (found,) = findings(ID, paid(open_order()), events=events)
    assert "only a forged call said: the forged callback event (FAILED; signature: wrong)" in found.summary


def test_a_genuine_word_before_the_report_is_what_it_rests_on() -> None:
    forged, said = delivered(10, "FAILED", forged=WRONG), reported(30, "failed", "A")
    assert result_of(ID, paid(open_order()), events=[forged, delivered(20, "FAILED"), said]) == "held"
    assert result_of(ID, paid(open_order().query(12, 14, "FAILED")), events=[forged, said]) == "held"
    assert result_of(ID, paid(open_order().query(12, 40, "FAILED")), events=[forged, said]) == "VIOLATED"
    refused = delivered(20, "FAILED", status=500)
    assert result_of(ID, paid(open_order()), events=[forged, refused, said]) == "VIOLATED"


def test_one_that_was_refused_was_not_believed_and_one_that_never_arrived_is_no_occasion() -> None:
    said = reported(20, "failed", "A")
    assert result_of(ID, paid(open_order()), events=[delivered(10, "FAILED", forged=WRONG, status=401), said]) == "held"
    assert (
        result_of(ID, paid(open_order()), events=[delivered(10, "FAILED", forged=WRONG, status=None), said]) == "none"
    )


def test_what_was_said_before_it_came_and_what_an_answer_explains() -> None:
    forged = delivered(10, "FAILED", forged=WRONG)
    assert result_of(ID, paid(open_order()), events=[reported(8, "failed", "A"), forged]) == "held"
    misread = open_order().query(12, 14, "NOT_FOUND")
    assert result_of(ID, paid(misread), events=[forged, reported(20, "failed", "A")]) == "held", "charged elsewhere"


def test_paying_again_after_a_forged_failure() -> None:
    (found,) = findings(
        ID, paid(open_order()), paid(order("B").submit(20, 25)), events=[delivered(10, "FAILED", forged=WRONG)]
    )
    assert "paid again under B, and only a forged call said" in found.summary
