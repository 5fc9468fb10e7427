"""Reads small text files of users, with one clear error for whatever keeps a file from being text."""

from __future__ import annotations

from pathlib import Path

from ...errors import FileError

__all__ = ["MAX_BYTES", "decoded", "read_bytes"]

MAX_BYTES = 1 << 20


def read_bytes(path: Path, kind: str, *, mend: str = "check the path") -> bytes:
    """Return a file's bytes, at most one over ``MAX_BYTES``. Raises ``FileError`` if it cannot be read.

    ``kind`` is what is expected ("YAML"); ``mend`` is for a file that is not there.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileError(path, None, "there is no such file", mend=mend) from None
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        raise FileError(path, None, problem, mend=f"give a readable {kind} file") from None


def decoded(path: Path, raw: bytes) -> str:
    """Return the text without a byte order mark. Raises ``FileError`` if it is too long, or not UTF-8."""
    if len(raw) > MAX_BYTES:
        raise FileError(path, None, "the file is over 1 MiB", expected="a file of a few kilobytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileError(path, line, "this is not UTF-8 text", mend="save the file as UTF-8") from None
