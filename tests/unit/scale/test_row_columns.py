"""Columns are read as lists of Python's values, with an error that names the event."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from ackord.core.operation import OperationKind
from ackord.errors import FileError
from ackord.scale.row_columns import RowColumns

TABLE = pa.table(
    {"seq": [7, 8, 9], "e": ["begin"] * 3, "at_ns": [1, 2, 3], "order": ["a", "b", "a"], "kind": ["submit", None, "pay"],
     "amount_minor": [5, None, 6]}
)  # fmt: skip
ALL = np.array([0, 1, 2])


def test_values_and_nulls() -> None:
    columns = RowColumns(TABLE, "x.parquet")
    assert columns.text_list("order", ALL) == ["a", "b", "a"]
    assert columns.text_list("kind", np.array([1, 0, -1]), OperationKind, "null", "absent") == [
        "null", OperationKind.SUBMIT, "absent"
    ]  # fmt: skip
    assert columns.number_list("amount_minor", np.array([0, 1, -1])) == [5, None, None]
    assert columns.text_list("payee", ALL, null="") == ["", "", ""] and columns.number_list("op", ALL) == [None] * 3


def test_errors_name_the_event() -> None:
    columns = RowColumns(TABLE, "x.parquet")
    with pytest.raises(FileError, match=r"x\.parquet: event 9: 'pay' is no kind"):
        columns.text_list("kind", ALL, OperationKind)
    with pytest.raises(FileError, match=r"x\.parquet: event 8: amount_minor is missing"):
        columns.known_numbers("amount_minor", ALL)


def test_a_row_without_an_order() -> None:
    table = TABLE.set_column(3, "order", pa.array(["a", None, "b"]))
    with pytest.raises(FileError, match="event 8: order is missing"):
        RowColumns(table, "x.parquet")
