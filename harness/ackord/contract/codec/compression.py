"""Compress files with gzip and zip."""

from __future__ import annotations

import gzip
import io
import zipfile

__all__ = ["FILE_TYPES", "compress_file"]

FILE_TYPES = {"gzip": "application/gzip", "zip": "application/zip"}
"""The content types of packed files."""

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip can hold: what is packed twice is the same to the byte."""


def compress_file(content: bytes, packing: str, name: str) -> bytes:
    """Return a ``gzip`` or ``zip`` file; ``name`` is what the file in a zip is called."""
    if packing == "gzip":
        return gzip.compress(content, mtime=0)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
