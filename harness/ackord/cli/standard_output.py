"""Makes a standard output that cannot be written (a full disk, a closed pipe) one clear error, and gives a program that
was started without standard streams (``>&-``) the null device.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from ..errors import EnvironmentFailed
from ..masking import mask

__all__ = ["checked_standard_output", "open_closed_streams", "write_bytes"]


class _CheckedOutput(io.TextIOWrapper):
    """Shows no secret, and raises ``EnvironmentFailed`` where a text file raises ``OSError``.

    An ``OSError`` would be taken for success or for a violation: rich and typer turn a closed pipe into exit code 1.
    """

    def write(self, text: str) -> int:
        with _writing(self):
            return super().write(mask(text))

    def flush(self) -> None:
        with _writing(self):
            super().flush()


@contextlib.contextmanager
def _writing(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Python flushes what is left when it ends, and would fail once more.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
        raise EnvironmentFailed(f"standard output cannot be written: {error.strerror or error}") from None


def open_closed_streams() -> None:
    """Open the null device in place of each standard stream that was closed when the program started.

    Otherwise the next file that is opened, a journal or a socket, would get the number of the closed stream, and be
    written by a child process that takes it for its standard output.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - it lasts as the program does
            setattr(sys, name, stream)


def write_bytes(data: bytes) -> None:
    """Write what shows no secret to standard output, as it is. Raises ``EnvironmentFailed`` if that cannot be written.

    Texts are masked on their way; in JSON, that would make a text of a number.
    """
    with _writing(sys.stdout):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def checked_standard_output() -> Iterator[None]:
    """Write standard output to its end, or raise ``EnvironmentFailed``."""
    before = sys.stdout
    if before is sys.__stdout__ and isinstance(before, io.TextIOWrapper):  # else a test or a caller has replaced it
        sys.stdout = _CheckedOutput(
            before.detach(), encoding=before.encoding, errors=before.errors, line_buffering=before.line_buffering
        )
    try:
        yield
    finally:
        if not isinstance(sys.exception(), EnvironmentFailed):
            sys.stdout.flush()
