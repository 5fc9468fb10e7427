"""A store is shown with its versions, and with totals of what is valid now."""

from __future__ import annotations

from pathlib import Path

from ackord.statements.store import StatementStore
from ackord.statements.store_summary import summary_of

from .support import landed, line


def test_what_is_shown(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    landed(store, [line(1, 5)])
    landed(store, [line(1, 5, fee_minor=1), line(2, 123456)])
    summary = summary_of(tmp_path / "s")
    text = summary.text().splitlines()
    assert text[1].split() == ["main", "2026-11-28", "all", "1", "(old)", "1", "+1", "-0", "2026-11-29T10:00:00Z"]
    assert text[-1].split() == ["main", "payout", "out", "2", "1234.61", "EUR", "0.01", "EUR"]
    assert summary.document()["totals"][0]["amount_minor"] == 123461
