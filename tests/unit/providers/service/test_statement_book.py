"""A statement is given page by page: each line once, also while lines come, and a cursor that was never given is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.contract.emulate.domain_responses import Refusal
from ackord.providers.service.statement_book import StatementBook, StatementResponse

from .statement_rows import WINDOW, MemoryLedger


def pages(book: StatementBook, ledger: MemoryLedger, *, booking: bool = False) -> list[StatementResponse]:
    async def read() -> list[StatementResponse]:
        found: list[StatementResponse] = []
        while not found or found[-1].next:
            page = await book.page(WINDOW, found[-1].next if found else "")
            assert isinstance(page, StatementResponse)
            found.append(page)
            if booking and page.next:
                ledger.book()
        return found

    return asyncio.run(read())


def book_of(ledger: Any) -> StatementBook:
    return StatementBook(ledger)


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (20, [20]), (21, [20, 1]), (45, [20, 20, 5])])
def test_each_line_stands_on_one_page(count: int, sizes: list[int]) -> None:
    ledger = MemoryLedger(count)
    found = pages(book_of(ledger), ledger)
    assert [len(page.lines) for page in found] == sizes
    assert [line.id for page in found for line in page.lines] == list(range(1, count + 1))
    assert {page.totals.lines for page in found} == {count}


def test_lines_that_come_meanwhile_move_nothing() -> None:
    ledger = MemoryLedger(45)
    ids = [line.id for page in pages(book_of(ledger), ledger, booking=True) for line in page.lines]
    assert ids == list(range(1, len(ledger.movements) + 1))


def test_the_end_of_a_time_is_left_out_and_others_accounts_too() -> None:
    ledger = MemoryLedger(0)
    for account, at_s in (("main", 99), ("main", 100), ("main", 199), ("main", 200), ("other", 150)):
        ledger.book(account, at_s)
    [page] = pages(book_of(ledger), ledger)
    assert [line.at_s for line in page.lines] == [100, 199]


@pytest.mark.parametrize("cursor", ["20", "20-", "20-00000000", "x-1", "-", "9" * 30 + "-1"])
def test_a_cursor_that_was_never_given_is_refused(cursor: str) -> None:
    assert isinstance(asyncio.run(book_of(MemoryLedger(45)).page(WINDOW, cursor)), Refusal)


def test_a_cursor_of_another_time_is_refused() -> None:
    book = book_of(MemoryLedger(45))
    first = asyncio.run(book.page(WINDOW, ""))
    assert isinstance(first, StatementResponse)
    assert isinstance(asyncio.run(book.page(WINDOW._replace(to_s=201), first.next)), Refusal)
