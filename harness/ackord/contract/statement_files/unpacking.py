"""Unpacks gzip and zip files as streams: bounded in memory, in growth, and to the one file that is wanted."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from ..base.body_parsing import UnreadableBody, shortened

__all__ = ["unpacked"]

_GZIP = 31
"""As ``wbits``: with the head and the tail of gzip, and nothing else."""
_CHUNK = 1 << 18
_UNSUSPECTED = 1 << 26
"""Bytes that any file may grow to."""
_MOST_GROWTH = 250
"""How many times its size a larger file may grow: tables of payments shrink to a tenth, a bomb to a thousandth."""
_MOST_BYTES = 1 << 36
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, RuntimeError)
"""What ``zipfile`` raises for a file that is no zip, or a damaged one."""


@contextmanager
def unpacked(file: BinaryIO, packing: str, *, entry: str = "", names: str = "utf-8") -> Iterator[BinaryIO]:
    """Open what is in ``file``, which must be seekable; ``packing``: ``gzip``, ``zip`` or empty.

    ``entry``: suffix of the wanted file's name in a zip; without it the zip must hold exactly one file. ``names``: the
    encoding of names in old zips. Opening and reading raise ``UnreadableBody`` for a file of another type, a damaged or
    cut file, a path that leaves its folder, and one that grows beyond belief.
    """
    if not packing:
        yield file
        return
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if packing == "gzip":
        yield io.BufferedReader(_Gunzip(file, size), _CHUNK)
        return
    try:
        packed = zipfile.ZipFile(file, metadata_encoding=names)
    except _DAMAGED:
        raise UnreadableBody("the file is no zip, or damaged or cut off") from None
    with packed:
        info = _wanted(packed, entry)
        try:
            inner = packed.open(info)
        except _DAMAGED:
            raise UnreadableBody("the file is no zip, or damaged or cut off") from None
        with inner:
            yield io.BufferedReader(_Checked(inner, size), _CHUNK)


def _wanted(packed: zipfile.ZipFile, entry: str) -> zipfile.ZipInfo:
    if not all(one.filename for one in packed.infolist()):
        raise UnreadableBody("the file is no zip, or damaged: it holds a file without a name")
    files = [one for one in packed.infolist() if not one.is_dir()]
    for one in files:
        path = PurePosixPath(one.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1]):
            raise UnreadableBody(f"the zip holds a path that leaves its folder: {shortened(one.filename)!r}")
    found = [one for one in files if one.filename.endswith(entry)]
    if len(found) != 1:
        what = f" whose names end in {entry!r}" if entry else ""
        raise UnreadableBody(f"there are {len(found)} files in the zip{what}, expected one")
    if found[0].compress_type not in _PLAIN_METHODS or found[0].flag_bits & _ENCRYPTED:
        raise UnreadableBody("the file in the zip is encrypted, or packed in an unusual way")
    return found[0]


class _Growing(io.RawIOBase):
    """Counts what comes out."""

    def __init__(self, packed_bytes: int) -> None:
        self._most = min(_MOST_BYTES, max(_UNSUSPECTED, packed_bytes * _MOST_GROWTH))
        self._packed_bytes = packed_bytes
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def _count(self, chunk: bytes) -> bytes:
        self._bytes += len(chunk)
        if self._bytes > self._most:
            raise UnreadableBody(
                f"the file of {self._packed_bytes:,} bytes grows beyond {self._most:,}: it is taken for a zip bomb"
            )
        return chunk


class _Gunzip(_Growing):
    """One gzip member after another."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        super().__init__(size)
        self._file = file
        self._inflater = zlib.decompressobj(_GZIP)
        self._begun = False

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._next(len(buffer))
        buffer[: len(chunk)] = self._count(chunk)
        return len(chunk)

    def _next(self, size: int) -> bytes:
        while True:
            if self._inflater.eof:
                rest = self._inflater.unused_data or self._file.read(_CHUNK)
                if not rest.strip(b"\0"):
                    return b""
                self._inflater = zlib.decompressobj(_GZIP)
            else:
                rest = self._inflater.unconsumed_tail or self._file.read(_CHUNK)
            if not rest:
                raise UnreadableBody(f"the gzip is cut off after {self._bytes:,} bytes of its content")
            try:
                chunk = self._inflater.decompress(rest, size)
            except zlib.error:
                what = (
                    "something that is no gzip follows the gzip" if self._begun else "the file is no gzip, or damaged"
                )
                raise UnreadableBody(what) from None
            self._begun = self._begun or self._inflater.eof
            if chunk:
                return chunk


class _Checked(_Growing):
    """A file of a zip, whose checksum Python compares at its end."""

    def __init__(self, inner: IO[bytes], size: int) -> None:
        super().__init__(size)
        self._inner = inner

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._inner.read(len(buffer))
        except _DAMAGED:
            raise UnreadableBody(f"the zip is damaged or cut off after {self._bytes:,} bytes of its content") from None
        buffer[: len(chunk)] = self._count(chunk)
        return len(chunk)
