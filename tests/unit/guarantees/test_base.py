"""What every guarantee owes to a report, and the helpers that they share."""

from __future__ import annotations

import re

import pytest

from ackord.core.promises import Promises
from ackord.core.verdict import Finding, Result
from ackord.guarantees import GUARANTEES, Guarantee, JudgeContext
from ackord.guarantees.base import truly_failed, worst_of

from .build import Order, history, order


@pytest.mark.parametrize("guarantee", list(GUARANTEES), ids=GUARANTEES.names())
def test_a_guarantee_can_be_cited(guarantee: Guarantee) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", guarantee.id)
    assert re.search(r"\bMUST\b", guarantee.clause), "the clause is normative"
    for text in (guarantee.clause, guarantee.why):
        assert text.endswith(".") and "  " not in text
    assert not guarantee.title.endswith(".")
    assert type(guarantee.not_applicable(Promises())) is str


def test_the_worst_finding_is_the_violated_then_the_stalest() -> None:
    def found(result: Result, stale: int | None, at: int = 0) -> Finding:
        return Finding("g", "o", "a", result, "s", at, stale, ())

    unsafe, fresh, stale = found(Result.UNSAFE, 99), found(Result.VIOLATED, None), found(Result.VIOLATED, 5)
    assert worst_of([]) == []
    assert worst_of([unsafe, fresh]) == [fresh]
    assert worst_of([fresh, stale, unsafe]) == [stale]


@pytest.mark.parametrize(
    ("one", "failed"),
    [
        (order().submit(0, 1).query(2, 3, "FAILED"), True),
        (order().submit(0, 1).query(2, 3, "FAILED").pays(4), False),
        (order().submit(0, 1).query(2, 3, "FAILED").query(4, 5, "SUCCEEDED"), False),
        (order().submit(0, 1).query(2, 3), False),
    ],
    ids=["failed", "but paid", "but succeeded", "open"],
)
def test_truly_failed(one: Order, failed: bool) -> None:
    assert truly_failed(history(one).orders[0]) is failed


def test_a_number_is_remembered_for_ever_by_default() -> None:
    [one] = history(order().submit(0, 1).query(9_000_000, 9_000_001)).orders
    assert JudgeContext(Promises()).remembered(one, one.exchanges[-1])
    assert not JudgeContext(Promises(key_retention_ns=10)).remembered(one, one.exchanges[-1])
