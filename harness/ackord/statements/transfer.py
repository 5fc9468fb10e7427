"""Brings all pages of a partition onto the disk, in order, and takes up again where an earlier pull was killed.

A page is there once the note beside it is: both are written aside and renamed. Pages that came longer than an hour ago
are fetched again, and so are those whose bytes are not what the note says.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..contract.base.body_parsing import UnreadableBody, shortened
from ..contract.spec.statement import StatementSpec
from .fetching import FetchedPart, StatementFetcher
from .outcomes import MovingPages
from .partitions import PullPartition
from .store import file_sha256

__all__ = ["PageEnd", "Transfer", "TransferredPage", "transfer_folder"]

_FRESH_S = 3600
_MOST_PAGES = 1_000_000
_MOST_EMPTY_PAGES = 20
"""In a row. A filter may leave a page empty, but hardly so many."""


class PageEnd(NamedTuple):
    """How a page ends."""

    rows: int
    following: str | None
    """The cursor of the next page; ``None`` on the last."""
    ids: frozenset[str] = frozenset()
    """Identifiers of its lines, where pages are counted: one that stands on two pages shows that lines move."""


class TransferredPage(NamedTuple):
    """One page or file of a partition."""

    window: int
    """Which of the partition's windows it belongs to, from 0."""
    page: int
    """From 0, in its window."""
    part: FetchedPart
    last: bool
    """Whether it is the last of its window."""

    @property
    def name(self) -> str:
        """Return what errors call it."""
        return f"page {self.page + 1}" if self.part.name == "the page" else self.part.name


def transfer_folder(store: Path, partition: PullPartition) -> Path:
    """Return the folder of the pages of a partition that has not landed."""
    return store / hashlib.sha256(repr(partition.key).encode()).hexdigest()[:24]


class Transfer:
    """The pages of one partition."""

    def __init__(
        self,
        fetcher: StatementFetcher,
        statement: StatementSpec,
        partition: PullPartition,
        folder: Path,
        end_of: Callable[[FetchedPart, str | None], PageEnd],
    ) -> None:
        """``end_of`` reads how a page that was asked for with a cursor ends; it raises ``UnreadableBody``."""
        self._fetcher, self._partition, self.folder, self._end_of = fetcher, partition, folder, end_of
        self._in_pages = statement.rows is not None or statement.counted is not None
        self.resumed = 0
        """How many pages had come before."""

    async def pages(self) -> list[TransferredPage]:
        """Return all pages. Raises what ``StatementFetcher.fetch`` raises, ``MovingPages``, and ``UnreadableBody`` for
        a list without end.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        found: list[TransferredPage] = []
        for number, period in enumerate(self._partition.windows):
            cursor: str | None = None
            asked: set[str | None] = set()
            known: set[str] = set()
            empty = 0
            while True:
                page = len(asked)
                asked.add(cursor)
                path = self.folder / f"{number:06}-{page:06}.part"
                part = self._had(path, cursor)
                if part is None:
                    part = await self._fetcher.fetch(self._partition, period, cursor, path)
                    self._note(part, cursor)
                else:
                    self.resumed += 1
                end = self._end_of(part, cursor) if self._in_pages and not part.nothing else PageEnd(0, None)
                if not known.isdisjoint(end.ids):
                    twice = min(known & end.ids)
                    raise MovingPages(f"the line {twice} stood on two pages: lines move while they are read")
                known |= end.ids
                last = end.following is None
                found.append(TransferredPage(number, page, part, last))
                if last:
                    break
                empty = 0 if end.rows else empty + 1
                if end.following in asked:
                    raise UnreadableBody(
                        f"page {page + 1}: its pages go round: it names as its next one that was read before, "
                        f"{shortened(str(end.following))!r}"
                    )
                if empty > _MOST_EMPTY_PAGES or len(asked) >= _MOST_PAGES:
                    raise UnreadableBody(f"page {page + 1}: the pages have no end")
                cursor = end.following
        return found

    def forget(self) -> None:
        """Delete the pages."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _note(self, part: FetchedPart, cursor: str | None) -> None:
        note = {
            "cursor": cursor, "name": part.name, "headers": dict(part.headers), "sha256": part.sha256,
            "nothing": part.nothing, "checksum": part.checksum, "at_s": self._fetcher.client.unix_s(),
        }  # fmt: skip
        aside = part.path.with_suffix(".note-new")
        aside.write_text(json.dumps(note))
        aside.replace(part.path.with_suffix(".note"))

    def _had(self, path: Path, cursor: str | None) -> FetchedPart | None:
        """Return a page that came before; ``None`` if it is not there as a whole."""
        try:
            note = json.loads(path.with_suffix(".note").read_text())
            age_s = self._fetcher.client.unix_s() - note["at_s"]
            if note["cursor"] != cursor or not 0 <= age_s <= _FRESH_S or not self._in_pages:
                return None
            if not note["nothing"] and file_sha256(path) != note["sha256"]:
                return None
            return FetchedPart(note["name"], path, note["headers"], note["sha256"], note["nothing"], note["checksum"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
