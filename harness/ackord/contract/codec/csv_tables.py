"""Read tables in text (``CsvFormat``) into rows by column name, and write tables that are read as the same rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ..base.body_parsing import UnreadableBody, shortened
from ..spec.statement import CsvFormat
from ..statement_files.csv_rows import CsvRows

__all__ = ["plain_amount", "read_named_table", "write_table", "written_amount"]


def read_named_table(text: bytes, form: CsvFormat) -> tuple[list[str], list[dict[str, str]]]:
    """Return the names of all columns, and the rows by them. Raises ``UnreadableBody``, also for a name that stands
    twice.
    """
    table = CsvRows(io.BytesIO(text), form, None)
    rows = [row.cells for row in table]
    return table.names, rows


def plain_amount(value: Any, form: CsvFormat, what: str) -> Any:
    """Return an amount's text with a decimal point and without groups: ``1.234,56`` as ``1234.56``.

    Raises ``UnreadableBody`` for one that is not written as ``form`` says.
    """
    if not isinstance(value, str) or not value or (form.decimal == "." and not form.thousands):
        return value
    whole, mark, fraction = value.partition(form.decimal)
    digits = whole.removeprefix("-").removeprefix("+")
    groups = digits.split(form.thousands) if form.thousands else [digits]
    sized = len(groups) == 1 or (len(groups[0]) in (1, 2, 3) and all(len(group) == 3 for group in groups[1:]))
    if not sized or not all(group.isdecimal() for group in groups) or (mark and not fraction.isdecimal()):
        raise UnreadableBody(f"{what} is not written as the contract says: {shortened(value)}")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{''.join(groups)}{'.' if mark else ''}{fraction}"


def written_amount(text: str, form: CsvFormat) -> str:
    """Return what ``plain_amount`` reads as this text."""
    whole, mark, fraction = text.partition(".")
    if form.thousands:
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        first = len(digits) % 3 or 3
        groups = [digits[:first], *(digits[i : i + 3] for i in range(first, len(digits), 3))]
        whole = sign + form.thousands.join(groups)
    return f"{whole}{form.decimal if mark else ''}{fraction}"


def write_table(rows: Sequence[Mapping[str, str]], form: CsvFormat, columns: Sequence[str], above: str = "") -> bytes:
    """Write a table; every row of its head and of its summary gets some text, ``above`` if it is given.

    Raises ``ValueError`` for text that a table of this format cannot hold.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(
        written,
        delimiter=form.delimiter,
        quotechar=form.quote or None,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
    )
    names = _in_order(columns, numbered=not form.head_rows)
    if above and form.head_rows < 2:
        raise ValueError("there is no row above the names of the columns (head_rows)")
    if form.widths:
        return _fixed(rows, form, names, above)
    try:
        writer.writerows([[above or "statement"]] * (form.head_rows - 1))
        if form.head_rows:
            writer.writerow(names)
        for row in rows:
            writer.writerow([f"{form.cell_prefix}{row.get(name, '')}" for name in names])
        writer.writerows([[f"{form.cell_prefix}{len(rows)}"]] * form.summary_rows)
    except csv.Error as error:
        raise ValueError(f"a cell cannot be written: {error}") from None
    return written.getvalue().encode(form.encoding)


def _fixed(rows: Sequence[Mapping[str, str]], form: CsvFormat, names: Sequence[str], above: str) -> bytes:
    """Write cells of fixed widths. Raises ``ValueError`` for a cell that is wider."""
    if len(names) > len(form.widths):
        raise ValueError(f"there are {len(names)} columns and {len(form.widths)} widths")
    lines = [[above or "statement"]] * (form.head_rows - 1) + ([names] if form.head_rows else [])
    lines += [[f"{form.cell_prefix}{row.get(name, '')}" for name in names] for row in rows]
    lines += [[f"{form.cell_prefix}{len(rows)}"]] * form.summary_rows
    written = []
    for cells in lines:
        if len(cells) == 1:
            written.append(cells[0])
            continue
        for cell, width in zip(cells, form.widths, strict=False):
            if len(cell) > width or "\n" in cell or "\r" in cell:
                raise ValueError(f"{cell!r} does not fit into {width} characters")
        written.append("".join(cell.ljust(width) for cell, width in zip(cells, form.widths, strict=False)))
    return "".join(f"{line}\r\n" for line in written).encode(form.encoding)


def _in_order(columns: Sequence[str], *, numbered: bool) -> list[str]:
    """Columns as they stand in the file; where they have numbers, those between them too."""
    return [str(n + 1) for n in range(max(map(int, columns)))] if numbered else list(dict.fromkeys(columns))
