"""Defines what a reader of statement files yields, and its errors: a file, a line and a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from ..base.body_parsing import UnreadableBody, shortened

__all__ = ["FileRow", "FileRows", "UnreadableLine"]


class UnreadableLine(UnreadableBody):
    """A line of a file that has no reading, or that contradicts the others."""

    def __init__(self, line: int, problem: str, value: str | None = None) -> None:
        """``line``: from 1. ``value``: the text that is wrong, if one is."""
        told = "" if value is None or (value and problem.endswith(shortened(value))) else f": {shortened(value)!r}"
        super().__init__(f"line {line}: {problem}{told}")
        self.line = line


class FileRow(NamedTuple):
    """One movement in a file."""

    line: int
    """Where it begins, from 1."""
    cells: Any
    """Text by the names of cells."""
    raw: str
    """Its text in the file, without the end of the last line."""


class FileRows(Protocol):
    """The rows of one file, to be read once. Iterating raises ``UnreadableBody``."""

    def __iter__(self) -> Iterator[FileRow]: ...

    def around(self) -> list[list[str]]:
        """Return the rows above and below the movements, cell by cell, once all rows were read."""
        ...
