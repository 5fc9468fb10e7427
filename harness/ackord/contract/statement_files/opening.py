"""Opens a statement's file as the contract says: unpacked, and as rows of cells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from ..spec.statement import StatementSpec
from .camt_rows import CamtRows
from .csv_rows import CsvRows
from .mt940_rows import Mt940Rows
from .rows import FileRows
from .unpacking import unpacked

__all__ = ["file_type_of", "opened_rows", "rows_of"]

CSV_TYPE = "text/csv"
"""The content type of a table."""
_MT940_ENCODING = "cp1252"
"""SWIFT's characters are ASCII; German banks send umlauts, too."""


def file_type_of(statement: StatementSpec) -> str:
    """Return the content type of a file with rows, before it is packed."""
    return {"mt940": "text/plain", "camt053": "application/xml"}.get(statement.standard or "", CSV_TYPE)


def rows_of(content: BinaryIO, statement: StatementSpec) -> FileRows:
    """Return the rows of a file that is unpacked. The statement has ``csv`` or ``standard``."""
    if statement.standard == "mt940":
        return Mt940Rows(content, _MT940_ENCODING)
    if statement.standard == "camt053":
        return CamtRows(content)
    assert statement.csv is not None  # other forms are not read row by row
    return CsvRows(content, statement.csv, dict.fromkeys(statement.column_names()))


@contextmanager
def opened_rows(file: BinaryIO, statement: StatementSpec, *, packing: str | None = None) -> Iterator[FileRows]:
    """Open the rows of a file as it was fetched; ``packing``, if it is not what the contract says.

    Opening and iterating raise ``UnreadableBody``.
    """
    names = statement.csv.encoding if statement.csv is not None else "utf-8"
    how = (statement.compressed or "") if packing is None else packing
    with unpacked(file, how, entry=statement.zip_entry, names=names) as content:
        yield rows_of(content, statement)
