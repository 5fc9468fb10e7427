"""Decodes a file into lines, each of bounded length, and says in which line a byte is wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from ..base.body_parsing import UnreadableBody
from .rows import UnreadableLine

__all__ = ["MOST_CHARACTERS", "TextLines"]

MOST_CHARACTERS = 1 << 20
"""Of a line: a longer one is no line of a statement."""


class TextLines:
    """The lines of one file, with their ends."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        self.line = 0
        """How many lines were given."""

    def __iter__(self) -> Iterator[str]:
        text = io.TextIOWrapper(self._file, self._encoding, newline="")
        try:
            while line := text.readline(MOST_CHARACTERS + 1):
                self.line += 1
                if len(line) > MOST_CHARACTERS:
                    raise UnreadableLine(self.line, f"it is longer than {MOST_CHARACTERS:,} characters", line[:40])
                yield line
        except UnicodeDecodeError as error:
            wrong = error.object[error.start : error.start + 4]
            at = self.line + 1 + error.object.count(b"\n", 0, error.start)
            raise UnreadableLine(at, f"it is no text in {self._encoding}: the bytes {wrong.hex(' ')}") from None
        except UnicodeError as error:  # UTF-16 without a mark
            raise UnreadableBody(f"it is no text in {self._encoding}: {error}") from None
        finally:
            with suppress(ValueError):  # the file may be closed before who stopped reading it lets go
                text.detach()
