"""Compress and decompress gzip and zip files. Output is bounded, so a small file cannot exhaust memory."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib

from ..base.body_parsing import UnreadableBody

__all__ = ["FILE_TYPES", "compress_file", "decompress_file"]

FILE_TYPES = {"gzip": "application/gzip", "zip": "application/zip"}
"""The content types of packed files."""

_GZIP = 31
"""As ``wbits``: with the head and the tail of gzip, and nothing else."""
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip can hold: what is packed twice is the same to the byte."""


def decompress_file(data: bytes, packing: str, most_bytes: int, *, entry: str = "", names: str = "utf-8") -> bytes:
    """Decompress a ``gzip`` or ``zip`` file.

    ``entry``: suffix of the wanted file's name in a zip; without it the zip must hold exactly one file. ``names``: the
    encoding of names in old zips. Raises ``UnreadableBody`` for a file of another type, a damaged file, or more than
    ``most_bytes``.
    """
    return _gunzip(data, most_bytes) if packing == "gzip" else _unzip(data, most_bytes, entry, names)


def _gunzip(data: bytes, most_bytes: int) -> bytes:
    inflater = zlib.decompressobj(_GZIP)
    try:
        content = inflater.decompress(data, most_bytes + 1)
    except zlib.error:
        raise UnreadableBody("the file is no gzip, or damaged") from None
    if len(content) > most_bytes:
        raise _too_much(most_bytes)
    if not inflater.eof or inflater.unused_data:
        raise UnreadableBody("the gzip is cut off" if not inflater.eof else "something follows the gzip")
    return content


def _unzip(data: bytes, most_bytes: int, entry: str, names: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data), metadata_encoding=names) as packed:
            found = [one for one in packed.infolist() if not one.is_dir() and one.filename.endswith(entry)]
            if len(found) != 1:
                what = f" whose names end in {entry!r}" if entry else ""
                raise UnreadableBody(f"there are {len(found)} files in the zip{what}, expected one")
            if found[0].compress_type not in _PLAIN_METHODS or found[0].flag_bits & _ENCRYPTED:
                raise UnreadableBody("the file in the zip is encrypted, or packed in an unusual way")
            with packed.open(found[0]) as file:
                content = file.read(most_bytes + 1)
    # LookupError: for a file without a name.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, RuntimeError):
        raise UnreadableBody("the file is no zip, or damaged") from None
    if len(content) > most_bytes:
        raise _too_much(most_bytes)
    return content


def _too_much(most_bytes: int) -> UnreadableBody:
    return UnreadableBody(f"there is more in the file than {most_bytes >> 20} MiB")


def compress_file(content: bytes, packing: str, name: str) -> bytes:
    """The mirror image: one file, called ``name`` in a zip."""
    if packing == "gzip":
        return gzip.compress(content, mtime=0)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
