"""A row or a column that is wrong is an error with its line, its value and what is there."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from ackord.errors import FileError
from ackord.reconcile.columns import TableForm
from ackord.reconcile.tables import as_lines, as_orders, source_of

HEAD = "order_no,amount,currency,status,created\n"


def read(folder: Path, text: str, form: TableForm = TableForm()) -> list[tuple[object, ...]]:
    path = folder / "o.csv"
    path.write_text(text, encoding="utf-8")
    duck = duckdb.connect(":memory:")
    return duck.execute(as_orders(duck, source_of(duck, path), form)).fetchall()


def test_orders(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "A,100,eur,SUCCEEDED,2026-11-28\n") == [
        ("", "A", 1, 100, "EUR", 0, None, duckdb.execute("SELECT DATE '2026-11-28'").fetchone()[0], None)  # type: ignore[index]
    ]
    mapped = TableForm({"order_no": "Nr.", "amount": "Betrag"}, "major", "JPY")
    assert read(tmp_path, "Nr.;Betrag\nA;7\n", mapped)[0][1:5] == ("A", 1, 7, "JPY")
    assert read(tmp_path, HEAD) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("B,1.50,EUR,paid,", r"o\.csv:5: the amount is '1.50'"),
        ("B,-1,EUR,paid,", r"o\.csv:5: the amount is '-1'"),
        ("B,1,euros,paid,", r"o\.csv:5: the currency is 'euros'"),
        ("B,1,EUR,odd,", r"o\.csv:5: the status is 'odd'"),
        ("B,1,EUR,paid,soon", r"o\.csv:5: the time of the order is 'soon'"),
        (",1,EUR,paid,", r"o\.csv:5: the order number is ''"),
        ("B,1,EUR,paid,,surplus", r"o\.csv:5: the row has 6 cells"),
    ],
)
def test_rows_that_are_wrong(tmp_path: Path, row: str, said: str) -> None:
    good = 'A,1,EUR,paid,\n"A\n2",1,EUR,paid,\n'
    with pytest.raises(FileError, match=said):
        read(tmp_path, f"{HEAD}{good}{row}\n")


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        (
            "number,amount,currency\n",
            TableForm(),
            r"no column holds the order number\n  expected: .* number, amount, currency",
        ),
        ("order_no,sum,currency\n", TableForm(), "no column holds the amount"),
        (
            "order_no,amount\nA,1\n",
            TableForm(),
            r"no column holds the currency\n  expected: one among order_no, amount",
        ),
        (HEAD, TableForm({"amount": "Amont"}), r"there is no column 'Amont' for amount"),
        ("", TableForm(), "the file is empty"),
        ("order_no,amount,amount\n", TableForm(), "a column is called 'amount' twice"),
    ],
)
def test_columns_that_are_not_there(tmp_path: Path, text: str, form: TableForm, said: str) -> None:
    with pytest.raises(FileError, match=said):
        read(tmp_path, text, form)


def test_files_that_are_not_there_or_of_another_kind(tmp_path: Path) -> None:
    for path in (tmp_path / "no.csv", tmp_path / "no.xlsx"):
        with pytest.raises(FileError):
            source_of(duckdb.connect(), path)
    (tmp_path / "bad.parquet").write_bytes(b"PAR?")
    with pytest.raises(FileError, match="cannot be read"):
        source_of(duckdb.connect(), tmp_path / "bad.parquet")


def test_lines(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("order_no,amount_minor,currency,kind,fee\nA,5,EUR,Auszahlung,\n,6,EUR,Fee,1\n")
    duck = duckdb.connect(":memory:")
    query = as_lines(duck, source_of(duck, path), TableForm(words={"Auszahlung": "payout"}))
    assert [row[1:6] for row in duck.execute(query).fetchall()] == [
        ("A", "payout", 5, "EUR", None), ("", "Fee", 6, "EUR", 1),
    ]  # fmt: skip


def test_texts_of_a_parquet_file_are_taken_as_they_stand_unless_one_needs_a_change(tmp_path: Path) -> None:
    duck, form = duckdb.connect(":memory:"), TableForm()
    for rows, found in (
        ("('A', 1, 'EUR'), ('B', 2, 'EUR')", [("A", 1, "EUR"), ("B", 2, "EUR")]),
        ("(' A', 1, 'EUR'), ('B', 2, 'eur ')", [("A", 1, "EUR"), ("B", 2, "EUR")]),
    ):
        duck.execute(
            f"COPY (SELECT * FROM (VALUES {rows}) t(order_no, amount, currency)) TO '{tmp_path / 'o.parquet'}' (FORMAT parquet)"
        )
        query = as_orders(duck, source_of(duck, tmp_path / "o.parquet"), form)
        assert duck.execute(f"SELECT order_no, amount_minor, currency FROM ({query}) ORDER BY 1").fetchall() == found
        assert ("trim" in query) == (" A" in rows)


def test_a_wrong_row_leaves_the_limits_of_other_readers(tmp_path: Path) -> None:
    (path := tmp_path / "orders.csv").write_text("order_no,amount\na,1\nb,2,3\n")
    before = csv.field_size_limit()
    source = source_of(duckdb.connect(":memory:"), path)
    assert source.lines_of({"order_no": "a"}, 3) == [2]
    assert csv.field_size_limit() == before
