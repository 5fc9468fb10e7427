"""Amounts of a statement are those that moved: readings on each side of its edge."""

from __future__ import annotations

import pytest

from ackord.core.statement_events import StatedLine
from ackord.guarantees.statement_amounts_match import ID

from .build import Order, order
from .statement_build import GROWS, line, page, reading, word


def paid(amount: int = 100) -> Order:
    return order().submit(0, 5).pays(9, amount).ledger_read(10)


@pytest.mark.parametrize(
    ("of", "stated", "said"),
    [
        (paid(), line(), "HELD"),
        (paid(), line(amount=101), "VIOLATED"),
        (paid(90), line(amount=90), "HELD"),
        (paid(90), line(amount=100), "VIOLATED"),
        (paid(), line(currency="USD"), "VIOLATED"),
        (paid(), line(currency=""), "HELD"),
        (order().submit(0, 5), line(amount=99), "VIOLATED"),
        (order().submit(0, 5), line(), "HELD"),
        (order().submit(0, 5).refund(6, 7, sent=40), line("r", 40, "refund"), "HELD"),
        (order().submit(0, 5).refund(6, 7, sent=40), line("r", 41, "refund"), "VIOLATED"),
        (order().submit(0, 5, "REJECTED"), line(), "INCONCLUSIVE"),
    ],
)
def test_case(of: Order, stated: StatedLine, said: str) -> None:
    verdict = word(ID, reading(1, 50, [page(stated)]), of=of)
    assert verdict.result == said, verdict


@pytest.mark.parametrize(("amount", "said"), [(10_000, "a hundredfold"), (1, "a hundredth")])
def test_confused_units_are_told(amount: int, said: str) -> None:
    assert said in word(ID, reading(1, 50, [page(line(amount=amount))]), of=paid()).findings[0].summary


def test_without_a_ledger_what_was_sent_counts() -> None:
    assert word(ID, reading(1, 50, [page(line(amount=7))]), of=paid(7), promises=GROWS).result == "VIOLATED"
