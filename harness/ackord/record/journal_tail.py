"""Reads a journal while it grows. A file that shrank, or that another one took the place of, is an error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ..core.event import Event
from ..core.run_header import RunHeader
from ..errors import FileError
from .journal import JournalReader

__all__ = ["JournalTail"]

_BLOCK_BYTES = 1 << 20


class JournalTail:
    """An open journal; used as a context. ``read`` gives what was written since."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises ``FileError`` if it cannot be read."""
        self._path = path
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise FileError(
                path, None, f"cannot be read: {error.strerror}", expected="a journal.jsonl of a run"
            ) from error
        self._identity = self._identity_of(os.fstat(self._file.fileno()))
        self._read_bytes = 0
        self._rest = b""
        self._reader: JournalReader | None = None

    @staticmethod
    def _identity_of(stat: os.stat_result) -> tuple[int, int]:
        return stat.st_dev, stat.st_ino

    @property
    def header(self) -> RunHeader | None:
        """Return the run's header; ``None``: its line is not whole yet."""
        return self._reader.header if self._reader is not None else None

    @property
    def ended(self) -> bool:
        """Return whether the footer was read: nothing comes after it."""
        return self._reader is not None and self._reader.ended

    def read(self) -> Iterator[Event]:
        """Return the events whose lines became whole. Raises ``FileError`` for a line that is no event, and where the
        file is not the same that it was.
        """
        self._refuse_others()
        while block := self._file.read(_BLOCK_BYTES):
            self._read_bytes += len(block)
            *lines, self._rest = (self._rest + block).split(b"\n")
            for line in lines:
                if self._reader is None:
                    self._reader = JournalReader(self._path, line)
                elif (event := self._reader.event(line)) is not None:
                    yield event

    def _refuse_others(self) -> None:
        mend = "follow the new file, and judge what is left of the old one without --follow"
        try:
            now = self._path.stat()
        except FileNotFoundError:
            raise FileError(self._path, None, "was removed while it was followed", mend=mend) from None
        if self._identity_of(now) != self._identity:
            raise FileError(self._path, None, "another file took its place while it was followed", mend=mend)
        if now.st_size < self._read_bytes:
            problem = f"became shorter while it was followed: {self._read_bytes:,} bytes were read of {now.st_size:,}"
            raise FileError(self._path, None, problem, mend=mend)

    def __enter__(self) -> JournalTail:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._file.close()
