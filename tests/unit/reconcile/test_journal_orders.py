"""The orders of a journal are what the merchant sent, and what it was told of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from ackord.errors import FileError
from ackord.reconcile.journal_orders import journals_of, write_journal_orders

GOLDEN = Path(__file__).parents[2] / "golden"


def test_orders_of_a_journal(tmp_path: Path) -> None:
    write_journal_orders([GOLDEN / "held.jsonl"], tmp_path / "o.parquet")
    rows = duckdb.execute(f"SELECT order_no, state, amount_minor, currency FROM '{tmp_path / 'o.parquet'}'").fetchall()
    assert rows and all(number and state in (0, 1, 2, 3) and amount > 0 for number, state, amount, _ in rows)
    assert 1 in {state for _, state, _, _ in rows}


def test_the_journals_of_a_folder(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shutil.copy(GOLDEN / "held.jsonl", tmp_path / name / "journal.jsonl")
    found = journals_of(tmp_path)
    assert len(found) == 2
    with pytest.raises(FileError, match=r"stands in .*a/journal\.jsonl, too"):
        write_journal_orders(found, tmp_path / "o.parquet")
    with pytest.raises(FileError, match="there is no journal"):
        journals_of(tmp_path / "none")
