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


def pages_of(*pages: str) -> list[LedgerRow]:
    """Read pages whose cursors are their places, and whose rows are the letters; capitals are other rows."""
    numbered = {str(n) if n else None: page(names.lower(), None) for n, names in enumerate(pages)}
    for n, names in enumerate(pages):
        key = str(n) if n else None
        rows = tuple(
            row._replace(amount_minor=6) if name.isupper() else row
            for row, name in zip(numbered[key].rows, names, strict=True)
        )
        numbered[key] = LedgerPage(rows, str(n + 1) if n + 1 < len(pages) else None)

    async def page_at(cursor: str | None) -> LedgerPage:
        return numbered[cursor]

    return asyncio.run(read_all_pages(page_at, unique=True))


def test_rows_that_end_a_page_and_begin_the_next_are_one_where_identifiers_are_unique() -> None:
    assert [row.movement_id for row in pages_of("ab", "bc", "bcd")] == list("abcd")


@pytest.mark.parametrize("pages", [("ab", "ca"), ("ab", "Bc"), ("abc", "bcd", "a")])
def test_two_rows_with_one_identifier_are_never_one_movement(pages: tuple[str, ...]) -> None:
    with pytest.raises(NoResponse, match=r"two rows on different pages have one identifier, [ab]"):
        pages_of(*pages)
