"""The page is one file without scripts, and no cell of a statement is markup in it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ackord.reconcile.exports import Exported
from ackord.reconcile.page import page_of
from tests.unit.reconcile.support import SmallLine, SmallOrder, outcome, written

HOSTILE = "<script>alert(1)</script>\u202e"


def test_page(tmp_path: Path) -> None:
    orders = [SmallOrder("a", HOSTILE, amount_minor=1_234_567), *(SmallOrder("a", f"N{n:02}") for n in range(30))]
    result = outcome(written(tmp_path, orders, [SmallLine(HOSTILE, "X", kind="<b>"), SmallLine("a", "Y", fee_minor=5)]))
    page = page_of(result, Exported((tmp_path / "a.csv",), 3), orders="<i>", statement="s").decode()
    assert "<script" not in page and "<b>" not in page and "<i>" not in page and "\u202e" not in page
    assert page.index("Totals") < page.index("Classes") < page.index("The first 20 of 31; all are in missing.csv")
    assert "12,345.67 EUR" in page and "default-src 'none'" in page and "prefers-color-scheme: dark" in page
    assert "@media print" in page and "3 cells of the CSV files" in page


def test_what_is_late_is_said_first(tmp_path: Path) -> None:
    result = replace(
        outcome(written(tmp_path, [SmallOrder("a", "N")], [])), is_store=True, late=2, late_shown=("a/x/all", "b")
    )
    page = page_of(result, Exported((), 0), orders="o", statement="s").decode()
    assert "Not conclusive: 2 partitions" in page and "Late: a/x/all, b" in page


def test_totals_come_first_and_each_class_says_what_to_do(tmp_path: Path) -> None:
    orders = [
        SmallOrder("a", "N1", amount_minor=1_234_567),
        SmallOrder("b", "N2", amount_minor=500),
        SmallOrder("b", "N3"),
    ]
    lines = [
        SmallLine("a", "N1", amount_minor=1_234_667),
        SmallLine("b", "N2", amount_minor=500),
        SmallLine("b", "", "Fee"),
    ]
    page = page_of(outcome(written(tmp_path, orders, lines)), Exported((), 0), orders="o", statement="s").decode()
    rows = [re.sub(r"<[^>]+>", "|", row).strip("|") for row in re.findall("<tr>(.*?)</tr>", page)]
    texts = [re.sub(r"\|+", "|", row) for row in rows]
    assert texts[:6] == [
        "EUR", "orders|3", "ordered|12,351.67 EUR", "lines about orders|2", "payouts in the statement|12,351.67 EUR",
        "net in the statement|12,351.67 EUR",
    ]  # fmt: skip
    assert "other lines: Fee|1.00 EUR" in texts
    assert any(text.startswith("missing|Ask the provider where the money is") for text in texts)
    assert "all|3|12,351.67 EUR|2|12,351.67 EUR" in texts
    assert "N1|a|paid|12,345.67 EUR|12,346.67 EUR|1.00 EUR|1|2026-11-28" in texts, "with the difference"
    assert "b|2|6.00 EUR|1|5.00 EUR" in texts
    assert '<a href="#missing">' in page and '<h2 id="missing">' in page
