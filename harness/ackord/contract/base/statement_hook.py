"""``hook``: statements whose file a parser of another package reads. What it gives back is checked here, row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from ...core.registry import Registry
from .bodies import Unreadable
from .fields import Part
from .outsiders import Outsider, SettingsProblem, check_ways, checked_writer, is_plain, reason
from .template import TemplateProblem

__all__ = ["ENTRY_POINT_GROUP", "MAX_ROWS", "PARSERS", "HookedParser", "StatementParser", "Tables", "tables_of"]

ENTRY_POINT_GROUP = "ackord.statements"
"""Packages that add a statement parser name a ``StatementParser`` under this group; a contract uses it as ``statement: {hook: {name: ...}}``."""
MAX_ROWS = 1 << 18
"""Movements of a statement; more are not believed."""

Row = Mapping[str, Any]
Cells = Mapping[str, str]


class Tables(NamedTuple):
    """Files of one kind: how their rows are read, and how an emulator writes them. Both are pure functions."""

    read: Callable[[bytes], Iterable[Row]]
    """Rows by the names of columns, with texts and numbers; the file is unpacked. Whatever it raises makes the statement unreadable; ``Unreadable`` is how it says why."""
    write: Callable[[Sequence[Cells]], bytes] | None = None
    """A file from which ``read`` makes these rows, all of whose cells are text; ``None``: the contract reads, and cannot be emulated."""
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class StatementParser:
    """One way to read statements. ``make`` raises ``SettingsProblem`` for settings that cannot be used."""

    name: str
    about: str
    """One line, for people."""
    settings: type[Part]
    make: Callable[[Any], Tables]


PARSERS: Registry[StatementParser] = Registry("statement parser")


class HookedParser(Outsider):
    """A statement parser that an installed package registers under the entry point `ackord.statements`."""


def tables_of(hook: HookedParser, columns: Collection[str]) -> Tables:
    """What reads and writes the statement's file, checked at every call: ``read`` gives rows with just these columns and raises ``Unreadable``, ``write`` ``Unwritable``.

    Raises ``TemplateProblem``.
    """
    try:
        made = hook.made(PARSERS, ENTRY_POINT_GROUP, StatementParser, lambda parser: parser.make)
        check_ways(made, Tables)
    except SettingsProblem as error:
        path = ("statement", "hook", *error.path)
        raise TemplateProblem(path, error.problem, expected=error.expected, mend=error.mend) from None

    def read(content: bytes) -> list[Row]:
        try:
            rows = [_row(row, columns) for row in islice(made.read(content), MAX_ROWS + 1)]
        except Exception as error:
            raise Unreadable(f"{hook.name} cannot read it: {reason(error)}") from None
        if len(rows) > MAX_ROWS:
            raise Unreadable(f"{hook.name} reads more than {MAX_ROWS:,} rows in it")
        return rows

    return Tables(read, checked_writer(hook.name, made), made.content_type)


def _row(row: Row, columns: Collection[str]) -> Row:
    """What the contract reads of a row. Raises ``Unreadable`` for one that lacks a column: a misspelt name would else look like a movement of nobody."""
    if not isinstance(row, Mapping):
        raise Unreadable(f"a row is {type(row).__name__}, expected a mapping")
    cells = {}
    for column in columns:
        if column not in row:
            raise Unreadable(f"a row has no column called {column}")
        cells[column] = row[column]
        if not is_plain(cells[column]):
            raise Unreadable(f"the column {column} holds {type(cells[column]).__name__}, expected text or a number")
    return cells
