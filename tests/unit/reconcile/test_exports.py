"""Each class is written as CSV and Parquet; no cell of a CSV is a formula."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from ackord.reconcile.exports import safe_cell, write_exports
from ackord.reconcile.reconciliation import reconciled
from tests.unit.reconcile.support import SmallLine, SmallOrder, written

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx"]


@pytest.mark.parametrize("text", HOSTILE)
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_files(tmp_path: Path) -> None:
    orders = [SmallOrder("a", number, amount_minor=7) for number in [*HOSTILE, "N"]]
    out = tmp_path / "out"
    out.mkdir()
    (out / "missing.csv").write_text("of an earlier run")
    with reconciled(written(tmp_path, orders, [SmallLine("a", order.order_no) for order in orders])) as (
        result,
        duck,
        path,
    ):
        exported = write_exports(result, duck, path, out)
    assert {file.name for file in exported.files} == {file.name for file in out.iterdir()}
    assert not (out / "missing.csv").exists()
    rows = list(csv.DictReader((out / "amount_differs.csv").open(newline="")))
    assert {row["order_no"] for row in rows} == {f"'{text}" for text in HOSTILE} | {"N"}
    assert exported.escaped_cells == len(HOSTILE)
    assert not [
        cell for row in csv.reader((out / "totals.csv").open()) for cell in row if cell[:1] in ("=", "+", "-", "@")
    ]
    kept = duckdb.execute(f"SELECT order_no, net_minor, status FROM '{out / 'amount_differs.parquet'}'").fetchall()
    assert sorted(kept) == sorted((text, 100, "paid") for text in [*HOSTILE, "N"])
    assert json.loads((out / "summary.json").read_text())["classes"]["amount_differs"] == 7
