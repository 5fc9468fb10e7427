"""Movements and statements are read page by page; a page says where the next one begins."""

from __future__ import annotations

import asyncio
from typing import Any

from ackord.contract.emulate.domain_responses import BalanceResponse, ProviderMovement
from ackord.providers.service.money_reads import MoneyReads

TWO = [ProviderMovement(number, "main", f"n{number}", f"po_{number}", 150, "payout") for number in (4, 7)]


class Store:
    """Two movements, of the ids 4 and 7."""

    async def movements(self, account: str | None, after: int, limit: int, *more: Any) -> list[ProviderMovement]:
        return [m for m in TWO if m.id > after][:limit]

    async def stated(
        self, account: str, from_s: int, to_s: int, after: int, limit: int, skip: int = 0
    ) -> list[ProviderMovement]:
        return await self.movements(account, after, limit)

    async def totals(self, account: str) -> tuple[int, int]:
        return 300, 20


def service() -> MoneyReads:
    reads: Any = MoneyReads()
    reads.store = Store()
    return reads  # type: ignore[no-any-return]


def test_a_page_ends_where_the_next_one_begins_and_an_empty_one_stays_there() -> None:
    async def pages() -> list[tuple[list[int], int]]:
        found, after = [], 0
        for _ in range(3):
            page = await service().movements("main", after, 1)
            after = page.next
            found.append(([m.id for m in page.movements], page.next))
        return found

    assert asyncio.run(pages()) == [([4], 4), ([7], 7), ([], 7)]


def test_statement_and_balance_are_of_one_account() -> None:
    stated = asyncio.run(service().statement("main", 0, 9, 0, 10))
    assert ([m.id for m in stated.movements], stated.next) == ([4, 7], 7)
    assert asyncio.run(service().balance("main")) == BalanceResponse("main", 300, 20)
