"""Reads tables in text as streams of rows: with delimiters or fixed widths, blocks above and below the movements."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from typing import BinaryIO

from ..base.body_parsing import UnreadableBody, shortened
from ..spec.statement import CsvFormat
from .rows import FileRow, UnreadableLine
from .text_lines import TextLines

__all__ = ["CsvRows"]

_Cells = list[str]


class CsvRows:
    """The movements of one table."""

    def __init__(self, file: BinaryIO, form: CsvFormat, columns: Collection[str] | None) -> None:
        """``columns``: the names of those that rows are given with; ``None``: all that the table names."""
        self._form = form
        self._columns = columns
        self._lines = TextLines(file, form.encoding)
        self._taken: list[str] = []
        self._head: list[_Cells] = []
        self._summary: list[_Cells] = []
        self.names: list[str] = []
        """The names of the columns, once the first row was read; empty for a table without."""

    def around(self) -> list[list[str]]:
        """Return the rows above and below the movements, cell by cell, once all rows were read."""
        return self._head + self._summary

    def __iter__(self) -> Iterator[FileRow]:
        form, waiting = self._form, deque[tuple[int, _Cells, str]]()
        rows = self._filled()
        for _ in range(form.head_rows):
            self._head.append(next(rows, (0, [], ""))[1])
        if form.head_rows and not self._head[-1]:
            raise self._too_short(sum(map(bool, self._head)))
        places = self._places(self._head[-1] if form.head_rows else None)
        wanted, least = list(places.items()), max(places.values(), default=0) + 1
        most = len(self._head[-1]) if form.head_rows else None
        for row in rows:
            waiting.append(row)
            if len(waiting) <= form.summary_rows:
                continue
            line, cells, raw = waiting.popleft()
            most = len(cells) if most is None else most
            if len(cells) < least:
                raise UnreadableLine(line, f"the row has {len(cells)} cells, expected {least} or more", raw)
            if len(cells) > most and any(cells[most:]):
                extra = next(filter(None, cells[most:]))
                raise UnreadableLine(line, f"the row has {len(cells)} cells, expected {most}; one too many is", extra)
            yield FileRow(line, {name: cells[place] for name, place in wanted}, raw)
        if len(waiting) < form.summary_rows:
            raise self._too_short(form.head_rows + len(waiting))
        self._summary = [cells for _, cells, _ in waiting]

    def _too_short(self, rows: int) -> UnreadableBody:
        most = self._form.head_rows + self._form.summary_rows
        return UnreadableBody(f"the table has {rows} rows, and head and summary alone are {most}")

    def _places(self, names: Sequence[str] | None) -> dict[str, int]:
        if names is None:
            return {column: int(column) - 1 for column in self._columns or ()}
        self.names = [name for name in names if name]
        columns = self.names if self._columns is None else self._columns
        for column in columns:
            if names.count(column) != 1:
                there = "several columns" if column in names else "no column"
                raise UnreadableBody(
                    f"the table has {there} called {column}; its columns are {shortened(', '.join(names)) or 'none'}"
                )
        return {column: names.index(column) for column in columns}

    def _filled(self) -> Iterator[tuple[int, _Cells, str]]:
        """Yield rows that hold something: their first line, cells and text."""
        prefix = self._form.cell_prefix
        for line, row, raw in self._sliced() if self._form.widths else self._parsed():
            cells = [cell.strip().removeprefix(prefix) for cell in row]
            if any(cells):
                yield line, cells, raw

    def _sliced(self) -> Iterator[tuple[int, _Cells, str]]:
        ends = list(accumulate(self._form.widths))
        bounds = list(zip([0, *ends], ends, strict=False))
        for number, line in enumerate(self._lines, 1):
            text = line.rstrip("\r\n")
            if len(text) > ends[-1] and text[ends[-1] :].strip():
                raise UnreadableLine(number, f"it is longer than its {ends[-1]} characters", text[ends[-1] :])
            yield number, [text[begin:end] for begin, end in bounds], text

    def _parsed(self) -> Iterator[tuple[int, _Cells, str]]:
        form = self._form
        reader = csv.reader(
            self._noted(),
            delimiter=form.delimiter,
            quotechar=form.quote or None,
            quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
            strict=True,
        )
        taken = self._taken
        line = 0
        try:
            for row in reader:
                yield line + 1, row, (taken[0] if len(taken) == 1 else "".join(taken)).rstrip("\r\n")
                taken.clear()
                line = reader.line_num
        except csv.Error as error:
            raise UnreadableLine(line + 1, f"it cannot be read as cells: {error}", "".join(taken)[:80]) from None

    def _noted(self) -> Iterator[str]:
        taken = self._taken
        for line in self._lines:
            taken.append(line)
            yield line
