"""``hook``: statements whose file a parser of another package reads. What it gives back is checked here, row by row."""

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
"""Packages that add a statement parser name a ``StatementParser`` under this group; a contract uses it as ``statement: {hook: {name: ...}}``."""
MAX_ROWS = 1 << 18
"""Movements of a statement; more are not believed."""

Row = Mapping[str, Any]
Cells = Mapping[str, str]


class StatementFormat(NamedTuple):
    """Files of one kind: how their rows are read, and how an emulator writes them. Both are pure functions."""

    read: Callable[[bytes], Iterable[Row]]
    """Rows by the names of columns, with texts and numbers; the file is unpacked. Whatever it raises makes the statement unreadable; ``UnreadableBody`` is how it says why."""
    write: Callable[[Sequence[Cells]], bytes] | None = None
    """A file from which ``read`` makes these rows, all of whose cells are text; ``None``: the contract reads, and cannot be emulated."""
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
    """What reads and writes the statement's file, checked at every call: ``read`` gives rows with just these columns and raises ``UnreadableBody``, ``write`` ``Unwritable``.

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
    """What the contract reads of a row. Raises ``UnreadableBody`` for one that lacks a column: a misspelt name would else look like a movement of nobody."""
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
