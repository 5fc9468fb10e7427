"""Name the files of a test suite."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["file_name", "shown"]

_LONGEST_NAME = 100


def file_name(node: str) -> str:
    """Return the name of the folder for a test, such as ``test_lag-py--test_one-1f3a9c02``; one name a node id."""
    safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in node)
    return f"{safe[:_LONGEST_NAME]}-{hashlib.blake2b(node.encode(), digest_size=4).hexdigest()}"


def shown(path: Path) -> str:
    """Return a path as short as it can be written from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
