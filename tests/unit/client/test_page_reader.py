"""A list read to its end: where rows move between pages it is begun again, and one that never keeps still proves
nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from ackord.client.page_reader import read_all_pages
from ackord.client.transport import NoResponse
from ackord.contract.codec.codec import LedgerPage, LedgerRow

SIZE = 2
Listing = Callable[[int], Sequence[str]]
"""What the list holds when it is asked for the nth time."""


def page(names: Sequence[str], following: str | None) -> LedgerPage:
    rows = tuple(LedgerRow(name, f"n-{name}", "main", 5, "payout") for name in names)
    return LedgerPage(rows, following, ids=frozenset(names))


def read(listing: Listing, problem: str = "") -> list[tuple[str | None, list[str]]]:
    """What was asked for and what came, of a list whose pages are counted by rows."""
    asked: list[tuple[str | None, list[str]]] = []

    async def page_at(cursor: str | None) -> LedgerPage:
        start = int(cursor or 0)
        names = listing(len(asked))[start : start + SIZE]
        asked.append((cursor, list(names)))
        if problem and start:
            return LedgerPage((), None, problem)
        return page(names, str(start + len(names)) if names else None)

    asyncio.run(read_all_pages(page_at))
    return asked


def test_pages_are_read_until_one_has_no_rows() -> None:
    assert read(lambda asked: "abc") == [(None, ["a", "b"]), ("2", ["c"]), ("3", [])]


def test_a_list_whose_rows_moved_is_read_from_its_beginning() -> None:
    found = read(lambda asked: "abc" if asked == 0 else "newabc")
    assert found[:3] == [(None, ["a", "b"]), ("2", ["w", "a"]), (None, ["n", "e"])]
    assert [name for _, names in found[2:] for name in names] == list("newabc")


def test_a_list_that_never_keeps_still_is_no_answer() -> None:
    with pytest.raises(NoResponse, match="stood on two pages in each of 5 readings"):
        read(lambda asked: [f"{n}" for n in range(-asked, 9)])


def test_a_provider_that_does_not_count_is_not_asked_for_ever() -> None:
    async def the_same(cursor: str | None) -> LedgerPage:
        return page("ab", str(int(cursor or 0) + 2))

    with pytest.raises(NoResponse):
        asyncio.run(read_all_pages(the_same))


def test_a_page_that_cannot_be_read_is_no_answer() -> None:
    with pytest.raises(NoResponse, match="status 503"):
        read(lambda asked: "abc", problem="status 503")


def test_pages_with_cursors_may_repeat_a_movement() -> None:
    """A cursor keeps its place whatever is added, so a repeated movement says nothing of others."""
    pages = {None: page("ab", "x"), "x": page("bc", "y"), "y": page("c", "y")}
    asked: list[str | None] = []

    async def page_at(cursor: str | None) -> LedgerPage:
        asked.append(cursor)
        return pages[cursor]._replace(ids=frozenset())

    asyncio.run(read_all_pages(page_at))
    assert asked == [None, "x", "y"], "the cursor of a page itself leads nowhere"
