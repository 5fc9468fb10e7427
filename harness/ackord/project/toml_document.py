"""Reads TOML with the line of each entry, which ``tomllib`` does not tell.

A line is found when it is needed, for an error: an entry begins where the shortest text that has it, read by the same
parser, goes on from a shorter text that does not.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.loading.file_text import decoded, read_bytes
from ..errors import FileError

__all__ = ["TomlDocument", "TomlPath", "read_toml"]

TomlPath = tuple[str | int, ...]
_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|(end of document))\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A file's plain data, or that of one of its tables."""

    path: Path
    data: Mapping[str, Any]
    text: str
    root: TomlPath = ()
    """Where in the file ``data`` stands: ``("tool", "ackord")``."""

    def line(self, at: TomlPath) -> int:
        """Return the line, from 1, on which the entry ``at`` begins, or the nearest one around it."""
        whole = (*self.root, *at)
        if not whole:
            return 1
        value = _entry(tomllib.loads(self.text), whole)
        if value is None:
            return self.line(at[:-1]) if at else 1
        lines = self.text.splitlines(keepends=True)
        begins = 1
        for number in range(1, len(lines) + 1):
            try:
                found = _entry(tomllib.loads("".join(lines[:number])), whole)
            except tomllib.TOMLDecodeError:
                continue
            if found is not None:
                return _line_within(lines, begins, number, whole[-1], value[0])
            begins = number + 1
        return 1

    def error(self, at: TomlPath, problem: str, *, expected: str = "", mend: str = "") -> FileError:
        """Return an error at ``at``, to be raised."""
        return FileError(self.path, self.line(at), problem, expected=expected, mend=mend)


def read_toml(path: Path) -> TomlDocument:
    """Read a file. Raises ``FileError`` for one that cannot be read, or is no TOML."""
    text = decoded(path, read_bytes(path, "TOML", mend="check the path, or run ackord init"))
    text = text.replace("\r\n", "\n")
    try:
        return TomlDocument(path, tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        problem, line = _explained(str(error), text)
        mend = 'write key = "value", one a line; texts stand in quotes'
        raise FileError(path, line, f"this is not TOML: {problem}", mend=mend) from None


def _explained(said: str, text: str) -> tuple[str, int]:
    match = _PLACE.fullmatch(said)
    if match is None:
        return said, 1
    return match[1], int(match[2]) if match[2] else max(1, len(text.splitlines()))


def _entry(data: Any, at: TomlPath) -> tuple[Any] | None:
    """Return what stands at ``at``, in a tuple of one; ``None`` if nothing does."""
    for part in at:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return (data,)


def _line_within(lines: list[str], begins: int, ends: int, last: str | int, value: Any) -> int:
    """Return the line of a part of an entry that is written on several lines, by its key or its text."""
    if isinstance(last, str):
        wanted = re.compile(rf"(?:^|[\s,{{.\[\"'])({re.escape(last)})[\"']?\s*[=\].]")
    elif isinstance(value, str):
        wanted = re.compile(f"{re.escape(json.dumps(value, ensure_ascii=False))}|'{re.escape(value)}'")
    else:
        return begins
    for number in range(begins, ends + 1):
        code = lines[number - 1]
        if not code.lstrip().startswith("#") and wanted.search(code):
            return number
    return begins
