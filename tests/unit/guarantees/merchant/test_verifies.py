"""Answers whose signature is wrong, and what a merchant does after one."""

from __future__ import annotations

import pytest

from ..build import Order, order
from .build import SETTLE, findings, reported, result_of

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
