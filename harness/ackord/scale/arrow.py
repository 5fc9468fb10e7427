"""Imports Arrow and numpy when they are first needed: a command that reads no Parquet does not wait for them."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..contract.base.extras import library

__all__ = ["array_of", "arrow", "compute", "numpy", "parquet", "row_numbers"]

_EXTRA = ("scale", "events in Parquet need")


@cache
def arrow() -> Any:
    """Return ``pyarrow``. Raises ``UsageError`` where it is not installed, as do the others."""
    return library("pyarrow", *_EXTRA)


@cache
def compute() -> Any:
    """Return ``pyarrow.compute``."""
    return library("pyarrow.compute", *_EXTRA)


@cache
def numpy() -> Any:
    """Return ``numpy``."""
    return library("numpy", *_EXTRA)


@cache
def parquet() -> Any:
    """Return ``pyarrow.parquet``."""
    return library("pyarrow.parquet", *_EXTRA)


def array_of(column: Any, null: int = 0) -> Any:
    """Return numbers or truth values of Arrow as an array of numpy, which is not to be written to; ``null`` stands for
    nulls.

    Arrow's own ``to_numpy`` and ``fill_null`` import pandas wherever it is installed, in every process: that takes as
    long as judging 200,000 events.
    """
    pa = arrow()
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_boolean(column.type):
        return numpy().from_dlpack(column.cast(pa.uint8())).view(bool)
    if not column.null_count:
        return numpy().from_dlpack(column)
    whole = pa.Array.from_buffers(column.type, len(column), [None, column.buffers()[1]], offset=column.offset)
    return numpy().where(array_of(column.is_null()), null, numpy().from_dlpack(whole))


def row_numbers(rows: Any) -> Any:
    """Return numbers of rows, an array of numpy, for Arrow to take. Arrow's own ``array`` imports pandas, too."""
    pa = arrow()
    numbers = numpy().ascontiguousarray(rows, dtype=numpy().int64)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
