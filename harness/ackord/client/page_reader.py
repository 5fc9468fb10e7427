"""Reads a paged list of movements to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..contract.codec.codec import LedgerPage, LedgerRow
from ..contract.codec.ledger_rows import rows_repeated
from .transport import NoResponse

__all__ = ["read_all_pages"]

_READINGS = 5
"""How often a list is restarted whose rows move while it is read."""


async def read_all_pages(
    page_at: Callable[[str | None], Awaitable[LedgerPage]], *, unique: bool = False
) -> list[LedgerRow]:
    """Request page after page, the first by ``None``, and return all rows. Restart if rows moved between pages, because
    one may have been skipped.

    With ``unique``, every row must have an identifier of its own; rows that end one page and begin the next again, as a
    cursor that includes its row gives them, are one. Raises ``NoResponse`` for a page that cannot be read, and for a
    list that changes, or in which two rows have one identifier, during every reading.
    """
    problem = ""
    for _ in range(_READINGS):
        rows, problem = await _read_once(page_at, unique)
        if not problem:
            return rows
    raise NoResponse(problem)


async def _read_once(
    page_at: Callable[[str | None], Awaitable[LedgerPage]], unique: bool
) -> tuple[list[LedgerRow], str]:
    """Return the rows, or why this reading proves nothing."""
    rows: list[LedgerRow] = []
    on_pages: set[str] = set()
    known: set[str] = set()
    before: tuple[LedgerRow, ...] = ()
    cursor: str | None = None
    while True:
        page = await page_at(cursor)
        if page.problem:
            raise NoResponse(page.problem)
        if not on_pages.isdisjoint(page.ids):
            return [], (
                f"a movement stood on two pages in each of {_READINGS} readings: rows move while they are read, or "
                "what is taken for a movement's id is none"
            )
        on_pages |= page.ids
        fresh = page.rows[rows_repeated(before, page.rows) :] if unique else page.rows
        if unique and (twice := next((row.movement_id for row in fresh if row.movement_id in known), None)) is not None:
            return [], f"the ledger cannot be read: two rows on different pages have one identifier, {twice}"
        known.update(row.movement_id for row in fresh)
        rows += fresh
        if page.next_cursor is None or page.next_cursor == cursor:
            return rows, ""
        before, cursor = page.rows, page.next_cursor
