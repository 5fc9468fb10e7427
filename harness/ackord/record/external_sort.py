"""Sorts more items than memory should hold: sorted runs in temporary files, which are merged as they are read."""

from __future__ import annotations

import heapq
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from operator import itemgetter
from pathlib import Path
from typing import IO, Generic, TypeVar

from ..errors import unwritable

__all__ = ["ExternalSort"]

_MOST_WAITING_BYTES = 32 << 20

Item = TypeVar("Item")
_KEY = itemgetter(0)


class ExternalSort(Generic[Item]):
    """Items by a key; those with equal keys stay in the sequence of adding.

    The files have no names, so that nothing is left of them, however the process ends.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, bytes]] = []
        self._waiting_bytes = 0
        self._files = ExitStack()
        self._runs: list[IO[bytes]] = []
        self._count = 0

    def __len__(self) -> int:
        """Return how many items there are."""
        return self._count

    def add(self, key: int, item: Item) -> None:
        """Add an item. Raises ``EnvironmentFailed`` or ``FileError`` where the temporary folder cannot be written."""
        packed = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
        self._waiting.append((key, packed))
        self._waiting_bytes += len(packed)
        self._count += 1
        if self._waiting_bytes >= _MOST_WAITING_BYTES:
            self._spill()

    def __iter__(self) -> Iterator[Item]:
        """Yield all items, the least key first. One iteration at a time."""
        self._waiting.sort(key=_KEY)
        for _, packed in heapq.merge(*map(_read, self._runs), self._waiting, key=_KEY):
            yield pickle.loads(packed)

    def _spill(self) -> None:
        self._waiting.sort(key=_KEY)
        try:
            run = tempfile.TemporaryFile(prefix="ackord-sort-")  # noqa: SIM115 - it is read until the sort is closed
            self._files.enter_context(run)
            for pair in self._waiting:
                pickle.dump(pair, run, pickle.HIGHEST_PROTOCOL)
            run.flush()
        except OSError as error:
            folder = Path(tempfile.gettempdir())
            raise unwritable(folder, "what is sorted", error, mend="let TMPDIR name another folder") from error
        self._runs.append(run)
        self._waiting, self._waiting_bytes = [], 0

    def close(self) -> None:
        """Free the disk."""
        self._files.close()


def _read(run: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    run.seek(0)
    while True:
        try:
            yield pickle.load(run)
        except EOFError:
            return
