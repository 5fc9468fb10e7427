"""A list without an end is given up; a long one with an end is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from ackord.client.page_bounds import within_bounds
from ackord.client.page_reader import read_all_pages
from ackord.client.transport import NoResponse
from ackord.contract.codec.codec import LedgerPage
from ackord.core.clock import SECOND, VirtualClock

from .test_page_reader import page


def endless(names: Callable[[int], Sequence[str]], following: Callable[[int], str], step_s: float = 0) -> int:
    """Read a list that goes on and on; return how many pages were asked for when it was given up."""
    clock = VirtualClock()
    asked = 0

    async def page_at(cursor: str | None) -> LedgerPage:
        nonlocal asked
        asked += 1
        clock.sleep_ns(round(step_s * SECOND))
        return page(names(asked), following(asked))._replace(ids=frozenset())

    try:
        asyncio.run(read_all_pages(within_bounds(page_at, clock)))
    except NoResponse as why:
        raise NoResponse(f"{why}; asked {asked}") from None
    return asked


def test_empty_pages_that_name_a_next_one_for_ever_are_given_up() -> None:
    with pytest.raises(NoResponse, match=r"21 pages in a row had no movement, and each named a next one; asked 21"):
        endless(lambda n: "", str)


def test_pages_with_rows_for_ever_are_given_up_by_number() -> None:
    with pytest.raises(NoResponse, match=r"no end within 10,000 pages and 20,000 movements; asked 10000"):
        endless(lambda n: (f"a{n}", f"b{n}"), str)
    with pytest.raises(NoResponse, match=r"no end within 10 pages and 1,000,000 movements; asked 10"):
        endless(lambda n: [f"{n}.{i}" for i in range(100_000)], str)


def test_a_slow_list_is_given_up_by_time() -> None:
    with pytest.raises(NoResponse, match=r"not read to its end within 120 s: 13 pages and 26 movements so far"):
        endless(lambda n: (f"a{n}", f"b{n}"), str, step_s=10)


def test_pages_that_go_round_are_given_up() -> None:
    with pytest.raises(NoResponse, match="its pages go round"):
        endless(lambda n: "a", lambda n: "xyz"[n % 3])


def test_a_long_list_with_gaps_is_read_to_its_end() -> None:
    pages = 400
    asked: list[str | None] = []

    async def page_at(cursor: str | None) -> LedgerPage:
        asked.append(cursor)
        n = len(asked)
        return page("" if n % 20 else f"{n}", str(n) if n < pages else None)._replace(ids=frozenset())

    asyncio.run(read_all_pages(within_bounds(page_at, VirtualClock())))
    assert len(asked) == pages
