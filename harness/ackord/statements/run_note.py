"""Notes which partitions a pull has done, so that the same pull, begun again after it was killed, goes on behind them.

A pull that ended leaves no note: the next one asks for everything again, because lines may have come late.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from .lines import PartitionKey

__all__ = ["RunNote"]

_FRESH_S = 3600
"""How old the note of a killed pull may be."""


class RunNote:
    """The note of one pull. What is done is a line each; one that a kill cut off has no end and counts for nothing."""

    def __init__(self, folder: Path, asked: Iterable[object], now_s: int) -> None:
        """``folder``: the store's ``transfer``. ``asked``: what tells this pull from others. ``now_s``: civil time."""
        self._begun, self._done = folder / "run.json", folder / "run-done"
        digest = hashlib.sha256("\0".join(map(str, asked)).encode()).hexdigest()
        self._keys: frozenset[str] = frozenset()
        if self._goes_on(digest, now_s):
            self._keys = frozenset(line[:-1] for line in self._done.open() if line.endswith("\n"))
        else:
            self._done.write_text("")
            self._begun.write_text(json.dumps({"asked": digest, "at_s": now_s}))
        with self._done.open("a") as file:
            file.write("\n")  # what was cut off ends here
        self._file = self._done.open("a", buffering=1)

    def _goes_on(self, digest: str, now_s: int) -> bool:
        try:
            note = json.loads(self._begun.read_text())
            return note["asked"] == digest and 0 <= now_s - note["at_s"] <= _FRESH_S and self._done.is_file()
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def has(self, key: PartitionKey) -> bool:
        """Whether a partition was done before this pull was killed."""
        return _word(key) in self._keys

    def add(self, key: PartitionKey) -> None:
        """Note that a partition is done."""
        self._file.write(f"{_word(key)}\n")

    def close(self, *, ended: bool) -> None:
        """Stop noting; forget the note if the pull ``ended``."""
        self._file.close()
        if ended:
            self._begun.unlink(missing_ok=True)
            self._done.unlink(missing_ok=True)


def _word(key: PartitionKey) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()
