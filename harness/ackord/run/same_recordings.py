"""Refuses a recording that is given twice: its orders would count twice, and so would the evidence that they are."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError

__all__ = ["refuse_same_recordings"]


def refuse_same_recordings(paths: Sequence[Path]) -> None:
    """Raise ``UsageError`` if two paths name one recording, or copies of one: files of the same bytes, folders that
    hold the same files.

    What cannot be read is left to whoever reads it. Only files of one size are read.
    """
    by_size: dict[object, list[Path]] = defaultdict(list)
    for path in paths:
        by_size[_size(path)].append(path)
    for alike in by_size.values():
        known: dict[object, Path] = {}
        for path in alike if len(alike) > 1 else ():
            content = _content(path)
            if content in known:
                raise _given_twice(path, known[content])
            known[content] = path


def _given_twice(path: Path, other: Path) -> UsageError:
    what = "is given twice" if path == other else f"is the same recording as {other}"
    return UsageError(
        f"{path} {what}: each of its orders would count twice.\n"
        "  expected: each recording once\n"
        "  mend: leave one of them out; to see whether a run repeats itself, make another run"
    )


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]


def _size(path: Path) -> object:
    """Return what two copies of a recording have in common, at little cost."""
    try:
        return path.is_dir(), tuple(file.stat().st_size for file in _files(path))
    except OSError:
        return path.resolve()


def _content(path: Path) -> object:
    try:
        return tuple(_digest(file) for file in _files(path))
    except OSError:
        return path.resolve()


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
