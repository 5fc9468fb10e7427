"""What a statement says about itself is declared where it can be read, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import FileError
from tests.unit.statements.support import CSV, loaded

PAGES = CSV.replace("csv: {}\n", "rows: $.rows\n").replace(
    "{movement_id: Id, order_no: Order, amount: Amount, kind: Kind, at: At}",
    "{movement_id: $.id, order_no: $.no, amount: $.amount, at: $.at}",
)


@pytest.mark.parametrize(
    ("base", "more", "says"),
    [
        (CSV, "totals: {rows: {from: $.x, regex: a}}", "a table has rows, no places"),
        (PAGES, 'totals: {rows: {regex: "a"}}', "only a table has such rows"),
        (PAGES, "totals: {rows: '$.['}", "cannot be read"),
        (CSV, 'totals: {rows: {regex: "("}}', "a regular expression"),
        (CSV, "checksum: {at: $.x, algorithm: sha1}", "no answer names a file"),
        (CSV, "parts: [A, B]", "it belongs to"),
        (CSV, "slice: 6h", "only an instant ends a slice"),
        (CSV, "page_count: $.pages", "pages are not counted"),
        (CSV, "counted: {by: page}", "the request does not say which page it wants"),
        (CSV, "standard: mt940", "a statement has one form"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, base: str, more: str, says: str) -> None:
    with pytest.raises(FileError, match=says):
        loaded(tmp_path, base + more + "\n")


def test_a_standard_needs_no_columns(tmp_path: Path) -> None:
    request = CSV[: CSV.index("csv:")]
    statement = loaded(tmp_path, request + "standard: camt053\ncolumns: {order_no: purpose}\n").contract.statement
    assert statement is not None
    assert statement.columns["order_no"] == "purpose" and statement.columns["amount"] == "amount"
    assert (statement.money, statement.time_form, statement.shows_returns) == ("major", "%Y-%m-%d", True)
