"""Reads columns of a table of events as lists of Python's values, whole columns at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import FileError
from .arrow import array_of, arrow, numpy
from .event_columns import COMMON

__all__ = ["RowColumns", "codes_of"]


class RowColumns:
    """The columns of a table; ``rows`` are always an array of row numbers."""

    def __init__(self, table: Any, where: str) -> None:
        """``where`` names the table in errors, as a file. Raises ``FileError`` for a null in a column that has none."""
        self._table, self._where = table, where
        self.count = int(table.num_rows)
        self._codes: dict[str, tuple[Any, list[Any]]] = {}
        self._numbers: dict[str, tuple[Any, Any]] = {}
        self._values: dict[tuple[object, ...], tuple[Any, Any]] = {}
        """What texts stand for, as an array, then what stands for no row and for null; and which are refused."""
        for name in COMMON:
            if table.column(name).null_count:
                raise self.bad(self._first_null(name), f"{name} is missing")

    def _first_null(self, name: str) -> int:
        return int(numpy().flatnonzero(array_of(self._table.column(name).is_null()))[0])

    def bad(self, row: int, problem: str) -> FileError:
        """Return the error for a row, by its number in this table and by that of its event."""
        seqs = self._table.column("seq")
        named = f"event {seqs[row].as_py()}" if row < self.count and seqs[row].is_valid else f"row {row}"
        return FileError(
            self._where, None, f"{named}: {problem}", expected="rows as docs/PARQUET.md says",
            mend="restore the file, or write it again",
        )  # fmt: skip

    def has(self, name: str) -> bool:
        """Return whether the table has this column."""
        return name in self._table.column_names

    def codes(self, name: str) -> tuple[Any, list[Any]]:
        """Return a text column as codes, and the texts that the codes stand for; -1 and the last one: null."""
        if name not in self._codes:
            if not self.has(name):
                self._codes[name] = numpy().full(self.count, -1), [None]
                return self._codes[name]
            self._codes[name] = codes_of(self._table.column(name))
        return self._codes[name]

    def is_text(self, name: str, text: str) -> Any:
        """Return for every row whether it has this text in the column."""
        codes, texts = self.codes(name)
        if text not in texts:
            return numpy().zeros(self.count, dtype=bool)
        return codes == texts.index(text)

    def numbers(self, name: str) -> tuple[Any, Any]:
        """Return a column of numbers, with 0 for null, and for every row whether it is null."""
        if name not in self._numbers:
            np = numpy()
            if not self.has(name):
                self._numbers[name] = np.zeros(self.count, dtype=np.int64), np.ones(self.count, dtype=bool)
                return self._numbers[name]
            column = self._table.column(name)
            nulls = array_of(column.is_null()) if column.null_count else np.zeros(self.count, dtype=bool)
            self._numbers[name] = array_of(column).astype(np.int64, copy=False), nulls
        return self._numbers[name]

    def known_numbers(self, name: str, rows: Any) -> Any:
        """Return the numbers of rows. Raises ``FileError`` for a null."""
        values, nulls = self.numbers(name)
        if (missing := nulls[rows]).any():
            raise self.bad(int(rows[missing][0]), f"{name} is missing")
        return values[rows]

    def number_list(self, name: str, rows: Any) -> list[Any]:
        """Return the numbers of rows, ``None`` for null. A row of -1 gives ``None``, too."""
        values, nulls = self.numbers(name)
        if not len(rows):
            return []
        missing = nulls[rows] | (rows < 0)
        if not missing.any():
            return values[rows].tolist()  # type: ignore[no-any-return]
        found = values[rows].astype(object)
        found[missing] = None
        return found.tolist()  # type: ignore[no-any-return]

    def text_list(
        self, name: str, rows: Any, convert: Callable[[str], Any] | None = None, null: Any = None, absent: Any = None
    ) -> list[Any]:
        """Return the texts of rows; ``null`` for null, and ``absent`` for a row of -1. With ``convert`` what the texts
        stand for: raises ``FileError`` for one that it refuses with ``ValueError`` or ``KeyError``.
        """
        if not len(rows):
            return []
        codes, texts = self.codes(name)
        found = codes[rows] if self.count else numpy().full(len(rows), -1)
        values, refused = self._meanings(name, texts, convert, null, absent)
        if refused is not None and (wrong := refused[found] & (rows >= 0)).any():
            code = found[wrong].min()
            raise self.bad(int(rows[wrong & (found == code)][0]), f"{texts[code]!r} is no {name}")
        if (rows < 0).any():
            found = numpy().where(rows < 0, len(texts) - 1, found)
        if found.min() == found.max():  # most columns have one value in most parts
            return [values[found[0]]] * len(rows)
        return values[found].tolist()  # type: ignore[no-any-return]

    def _meanings(
        self, name: str, texts: list[Any], convert: Callable[[str], Any] | None, null: Any, absent: Any
    ) -> tuple[Any, Any]:
        key = (name, convert, null, absent)
        if key not in self._values:
            values = numpy().empty(len(texts) + 1, dtype=object)
            values[-2], values[-1] = absent, null
            refused = numpy().zeros(len(texts) + 1, dtype=bool)
            for code, text in enumerate(texts[:-1]):
                try:
                    values[code] = text if convert is None else convert(text)
                except (ValueError, KeyError):
                    refused[code] = True
            self._values[key] = values, refused if refused.any() else None
        return self._values[key]


def codes_of(column: Any) -> tuple[Any, list[Any]]:
    """Return a chunked column of texts as codes, and the texts that the codes stand for; -1 and the last one: null."""
    pa = arrow()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries().combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    return array_of(column.indices, -1), [*column.dictionary.to_pylist(), None]
