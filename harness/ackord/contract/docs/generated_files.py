"""Writes files that are generated from the code and kept in the repository; a test checks that they are current."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["main", "stale_files"]


def stale_files(files: Mapping[Path, str]) -> list[Path]:
    """Return the files whose text on disk differs from the generated text."""
    return [p for p, text in files.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]


def main(files: Mapping[Path, str], arguments: list[str]) -> int:
    """Write the files, or with ``--check`` only list the stale ones; the exit code is then 1 if there are any."""
    old = stale_files(files)
    for path in old:
        if "--check" in arguments:
            print(f"{path.name} is stale: generate it anew", file=sys.stderr)
        else:
            path.write_text(files[path], encoding="utf-8")
            print(f"wrote {path.name}")
    return 1 if old and "--check" in arguments else 0
