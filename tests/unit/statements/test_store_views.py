"""A store is read as relations, and by other engines as files."""

from __future__ import annotations

from pathlib import Path

from ackord.statements.store import StatementStore
from ackord.statements.store_views import changed_lines, current_files, open_store

from .support import key, landed, line


def test_views(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "it's a store", "small")
    landed(store, [line(1, 5)], key("a"))
    landed(store, [line(1, 5), line(2, 7)], key("a"))
    landed(store, [], key("b"))
    duck = open_store(tmp_path / "it's a store", threads=1)
    assert duck.execute("SELECT count(*) FROM lines").fetchone() == (3,)
    assert duck.execute("SELECT sum(amount_minor) FROM current").fetchone() == (12,)
    assert duck.execute("SELECT account, version, is_current, rows FROM partitions ORDER BY ALL").fetchall() == [
        ("a", 1, False, 1), ("a", 2, True, 2), ("b", 1, True, 0),
    ]  # fmt: skip
    assert duck.execute("SELECT rows, amount_minor FROM sums WHERE is_current").fetchall() == [(2, 12)]
    assert [path.name.endswith("-v2.parquet") for path in current_files(tmp_path / "it's a store")] == [True]


def test_an_empty_store_has_all_columns(tmp_path: Path) -> None:
    StatementStore(tmp_path / "s", "small")
    assert open_store(tmp_path / "s").execute("SELECT raw, booked_at FROM current").fetchall() == []


def test_a_line_that_stands_twice_counts_twice(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    one = landed(store, [line(1), line(1)], key("a")).version.file
    two = landed(store, [line(1), line(2)], key("b")).version.file
    assert changed_lines(tmp_path / "s" / one, tmp_path / "s" / two) == (1, 1)
    assert changed_lines(None, tmp_path / "s" / two) == (2, 0)
