"""Bounds the reading of a paged list in pages, rows and time: a provider's list may have no end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..contract.codec.codec import LedgerPage
from ..core.clock import SECOND, Clock
from .transport import NoResponse

__all__ = ["within_bounds"]

PageReader = Callable[[str | None], Awaitable[LedgerPage]]
"""Gets a page by its cursor; ``None`` is the first page."""

_LONGEST_NS = 120 * SECOND
_MOST_PAGES = 10_000
_MOST_ROWS = 1_000_000
_MOST_EMPTY_PAGES = 20
"""In a row. A filter may leave a page empty, but hardly so many."""


def within_bounds(page_at: PageReader, clock: Clock) -> PageReader:
    """Return a reader of the same pages that raises ``NoResponse`` once the list shows to have no end.

    The bounds hold for all pages together, also if the list is begun again.
    """
    return _BoundedPages(page_at, clock).page_at


class _BoundedPages:
    def __init__(self, page_at: PageReader, clock: Clock) -> None:
        self._page_at = page_at
        self._clock = clock
        self._until_ns = clock.now_ns() + _LONGEST_NS
        self._asked: set[str | None] = set()
        self._pages = self._rows = self._empty = 0

    async def page_at(self, cursor: str | None) -> LedgerPage:
        if cursor is None:
            self._asked.clear()
        elif cursor in self._asked:
            raise NoResponse(f"its pages go round: one names as its next a page that was read before, after {self}")
        self._asked.add(cursor)
        page = await self._page_at(cursor)
        self._pages += 1
        self._rows += len(page.rows)
        self._empty = 0 if page.rows or page.ids else self._empty + 1
        if not page.problem and page.next_cursor is not None:
            self._check()
        return page

    def _check(self) -> None:
        if self._empty > _MOST_EMPTY_PAGES:
            raise NoResponse(f"it has no end: {self._empty} pages in a row had no movement, and each named a next one")
        if self._pages >= _MOST_PAGES or self._rows >= _MOST_ROWS:
            raise NoResponse(f"it has no end within {self}")
        if self._clock.now_ns() > self._until_ns:
            raise NoResponse(f"it was not read to its end within {_LONGEST_NS // SECOND} s: {self} so far")

    def __str__(self) -> str:
        return f"{self._pages:,} pages and {self._rows:,} movements"
