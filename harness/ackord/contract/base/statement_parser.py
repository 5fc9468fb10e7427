"""Read statements with a plug-in parser (``hook``), and check what it returns, row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from ...core.registry import Registry
from .body_parsing import UnreadableBody
from .contract_error import ContractError
from .field_types import StrictModel
from .plugins import Plugin, check_reader_writer, checked_writer, failure_reason, is_plain

__all__ = [
    "ENTRY_POINT_GROUP",
    "MAX_ROWS",
    "PARSERS",
    "PluginStatementParser",
    "StatementFormat",
    "StatementParser",
    "statement_format_of",
]

ENTRY_POINT_GROUP = "ackord.statements"
"""Entry point group of statement parsers (``StatementParser``).

A contract uses one as ``statement: {hook: {name: ...}}``.
"""
MAX_ROWS = 1 << 18
"""Movements of a statement; more are not believed."""

Row = Mapping[str, Any]
Cells = Mapping[str, str]


class StatementFormat(NamedTuple):
    """Files of one kind: how their rows are read, and how an emulator writes them. Both are pure functions."""

    read: Callable[[bytes], Iterable[Row]]
    """Return rows of texts and numbers by column name; the file is already unpacked.

    Whatever it raises makes the statement unreadable; ``UnreadableBody`` gives the reason.
    """
    write: Callable[[Sequence[Cells]], bytes] | None = None
    """Write a file from which ``read`` returns these rows; all cells are text.

    ``None``: the contract can be read and not emulated.
    """
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class StatementParser:
    """One way to read statements. ``make`` raises ``ContractError`` for settings that cannot be used."""

    name: str
    about: str
    """One line, for people."""
    settings: type[StrictModel]
    make: Callable[[Any], StatementFormat]


PARSERS: Registry[StatementParser] = Registry("statement parser")


class PluginStatementParser(Plugin):
    """A statement parser that an installed package registers under the entry point `ackord.statements`."""


def statement_format_of(hook: PluginStatementParser, columns: Collection[str]) -> StatementFormat:
    """Return the statement's reader and writer, which check the plug-in at every call.

    ``read`` returns rows with exactly these columns and raises ``UnreadableBody``; ``write`` raises ``Unwritable``.
    Raises ``ContractError``.
    """
    try:
        made = hook.made(PARSERS, ENTRY_POINT_GROUP, StatementParser, lambda parser: parser.make)
        check_reader_writer(made, StatementFormat)
    except ContractError as error:
        raise error.under("statement", "hook") from None

    def read(content: bytes) -> list[Row]:
        try:
            rows = [_row(row, columns) for row in islice(made.read(content), MAX_ROWS + 1)]
        except Exception as error:
            raise UnreadableBody(f"{hook.name} cannot read it: {failure_reason(error)}") from None
        if len(rows) > MAX_ROWS:
            raise UnreadableBody(f"{hook.name} reads more than {MAX_ROWS:,} rows in it")
        return rows

    return StatementFormat(read, checked_writer(hook.name, made), made.content_type)


def _row(row: Row, columns: Collection[str]) -> Row:
    """Return the columns of a row that the contract reads.

    Raises ``UnreadableBody`` if one is missing: with a misspelt name, the movement would otherwise belong to no order.
    """
    if not isinstance(row, Mapping):
        raise UnreadableBody(f"a row is {type(row).__name__}, expected a mapping")
    cells = {}
    for column in columns:
        if column not in row:
            raise UnreadableBody(f"a row has no column called {column}")
        cells[column] = row[column]
        if not is_plain(cells[column]):
            raise UnreadableBody(f"the column {column} holds {type(cells[column]).__name__}, expected text or a number")
    return cells
