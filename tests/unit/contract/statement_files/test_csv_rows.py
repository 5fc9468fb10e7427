"""Tables are streams of rows with their lines; blocks around the movements are kept."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.spec.statement import CsvFormat
from ackord.contract.statement_files.csv_rows import CsvRows


def read(text: str, columns: list[str] | None = None, **form: Any) -> CsvRows:
    return CsvRows(io.BytesIO(text.encode()), CsvFormat(**form), columns)


def test_rows_have_their_line_and_their_text() -> None:
    rows = list(read('a,b\n\n1,"two\nlines"\n3,4\n', ["b"]))
    assert [(row.line, row.cells, row.raw) for row in rows] == [
        (3, {"b": "two\nlines"}, '1,"two\nlines"'), (5, {"b": "4"}, "3,4"),
    ]  # fmt: skip


def test_what_stands_around_the_movements_is_kept() -> None:
    table = read("Report;x\na;b\n1;2\nn;sum\n1;2\n", ["a"], delimiter=";", head_rows=2, summary_rows=2)
    assert [row.cells for row in table] == [{"a": "1"}]
    assert table.around() == [["Report", "x"], ["a", "b"], ["n", "sum"], ["1", "2"]]


def test_fixed_widths() -> None:
    table = read("N-1  0005\nN-2     7\n", ["1", "2"], widths=[5, 4], head_rows=0)
    assert [row.cells for row in table] == [{"1": "N-1", "2": "0005"}, {"1": "N-2", "2": "7"}]
    with pytest.raises(UnreadableBody, match="line 1: it is longer than its 9 characters"):
        list(read("N-1  0005x\n", ["1"], widths=[5, 4], head_rows=0))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2,3\n", "line 2: the row has 3 cells, expected 2; one too many is: '3'"),
        ("a,b\n1\n", "line 2: the row has 1 cells, expected 2 or more"),
        ("a,c\n1,2\n", "no column called b; its columns are a, c"),
        ("a,b,b\n1,2,3\n", "several columns called b"),
        ('a,b\n1,"2\n', "line 2: it cannot be read as cells"),
        ("", "the table has 0 rows, and head and summary alone are 1"),
    ],
)
def test_what_is_wrong_is_told(text: str, says: str) -> None:
    with pytest.raises(UnreadableBody, match=says):
        list(read(text, ["a", "b"]))


def test_empty_cells_at_a_row_s_end_are_none_too_many() -> None:
    assert [row.cells for row in read("a,b\n1,2,,\n", ["a", "b"])] == [{"a": "1", "b": "2"}]
