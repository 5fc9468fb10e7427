"""Reads a paged list to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..contract.codec.codec import LedgerPage
from .transport import NoResponse

__all__ = ["read_all_pages"]

_READINGS = 5
"""How often a list is restarted whose rows move while it is read."""


async def read_all_pages(page_at: Callable[[str | None], Awaitable[LedgerPage]]) -> None:
    """Request page after page, the first by ``None``. Restart if rows moved between pages, because one may have been
    skipped.

    Raises ``NoResponse`` for a page that cannot be read, and for a list that changes during every reading.
    """
    for _ in range(_READINGS):
        seen: set[str] = set()
        cursor: str | None = None
        while True:
            page = await page_at(cursor)
            if page.problem:
                raise NoResponse(page.problem)
            if not seen.isdisjoint(page.ids):
                break
            seen |= page.ids
            if page.next_cursor is None or page.next_cursor == cursor:
                return
            cursor = page.next_cursor
    raise NoResponse(
        f"a movement stood on two pages in each of {_READINGS} readings: rows move while they are read, or "
        "what is taken for a movement's id is none"
    )
