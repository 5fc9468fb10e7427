"""Lines add up by kind, direction and currency, and the store's columns are those of a line."""

from __future__ import annotations

from ackord.statements.lines import COLUMNS, PartitionSums, RunningSums, arrow_schema

from .support import key, line


def test_sums() -> None:
    sums = RunningSums()
    sums.add([line(1, 5), line(2, 7, fee_minor=2), line(3, 1, currency="USD")])
    assert sums.sums() == (
        PartitionSums("payout", "out", "EUR", 2, 12, 2),
        PartitionSums("payout", "out", "USD", 1, 1, 0),
    )


def test_names() -> None:
    assert tuple(arrow_schema().names) == COLUMNS
    assert str(key("a", "FEES")) == "a/2026-11-28/FEES"
