"""Writes a report's file atomically; an error names the file. Encodes JSON without secrets."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from ..errors import unwritable
from ..masking import mask_bytes, mask_data

__all__ = ["json_bytes", "write_file"]


def write_file(path: Path, data: bytes, *, masked: bool = False) -> None:
    """Replace ``path`` atomically, so that a reader sees the old file or the new one. Secrets are masked, unless they
    are ``masked`` already, as in JSON, whose numbers must stay numbers.

    Raises ``FileError``, or ``EnvironmentFailed`` on a full disk.
    """
    if not masked:
        data = mask_bytes(data)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise unwritable(path, "the report", error) from error


def json_bytes(data: Any) -> bytes:
    """Return ``data`` as JSON in UTF-8, ready for ``write_file(..., masked=True)``: secrets are masked in texts only,
    so that numbers stay numbers.
    """
    text = json.dumps(mask_data(data), indent=1, ensure_ascii=False, allow_nan=False)
    # Lone surrogates (from a damaged answer) cannot be encoded as UTF-8.
    return text.encode("utf-8", "backslashreplace") + b"\n"
