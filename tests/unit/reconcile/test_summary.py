"""The terminal shows outcome, classes and proof in 80 columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ackord.reconcile.summary import conclusion, money_text, summary_text
from tests.unit.reconcile.support import SmallLine, SmallOrder, outcome, written


def test_money() -> None:
    assert [money_text(-123_456, "EUR"), money_text(1_234, "JPY"), money_text(5, "")] == [
        "-1,234.56 EUR", "1,234 JPY", "5 minor units",
    ]  # fmt: skip


def test_text(tmp_path: Path) -> None:
    orders = [SmallOrder("a", "M", amount_minor=10**15), SmallOrder("a", "N")]
    result = outcome(written(tmp_path, orders, [SmallLine("a", "N"), SmallLine("a", "P", currency="JPY")]))
    text = summary_text(result, where="out/report.html", escaped_cells=2)
    assert text.startswith("2 differences among 3 order numbers.\n")
    assert "matched" in text and "proof: 2 orders, 10,000,000,000,001.00 EUR; 1 line, 1.00 EUR" in text
    assert max(map(len, text.splitlines())) <= 80


def test_conclusions(tmp_path: Path) -> None:
    result = outcome(written(tmp_path, [SmallOrder("a", "N")], [SmallLine("a", "N")]))
    assert conclusion(result) == "The only order number agrees."
    assert conclusion(replace(result, numbers={})).startswith("Not conclusive: there was no order")
    late = replace(result, late=12, late_shown=tuple("abcdefghijkl"))
    assert "12 partitions" in conclusion(late) and "late: and 2 more" in summary_text(late)
