"""Each flaw of statements shows in what a merchant is given; the correct provider's statement is whole and stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.contract.emulate.domain_responses import ProviderOrder, Refusal
from ackord.core.clock import SECOND
from ackord.providers.service.provider_store import StatedWindow
from ackord.providers.service.statement_book import StatementBook, StatementResponse
from ackord.providers.statement_flaw_texts import STATEMENT_FLAWS
from ackord.providers.variants import variant_named

from ..service.statement_rows import WINDOW, MemoryLedger

Read = Callable[..., list[int]]


class Merchant:
    """Reads one provider's statement."""

    def __init__(self, name: str | None, count: int = 60, behind: int = 0) -> None:
        self.ledger: Any = MemoryLedger(count, behind)
        self.book: StatementBook = variant_named(name).statement_book(self.ledger)
        self.totals = 0

    def lines(self, window: StatedWindow = WINDOW, *, booking: bool = False) -> list[tuple[int, int]]:
        """The identifiers and amounts of all pages."""

        async def read() -> list[tuple[int, int]]:
            found: list[tuple[int, int]] = []
            cursor = ""
            while True:
                page = await self.book.page(window, cursor)
                assert isinstance(page, StatementResponse)
                found += [(line.id, line.amount) for line in page.lines]
                self.totals, cursor = page.totals.lines, page.next
                if not cursor:
                    return found
                if booking:
                    self.ledger.book()

        return asyncio.run(read())

    def repeats(self) -> bool:
        ids = [line for line, _ in self.lines(booking=True)]
        return len(set(ids)) < len(ids)

    def loses(self) -> bool:
        """Whether some line is gone that was there before."""
        seen: set[tuple[int, int]] = set()
        for _ in range(8):
            now = set(self.lines())
            if not seen <= now:
                return True
            seen |= now
        return False

    def takes_any_cursor(self) -> bool:
        return not isinstance(asyncio.run(self.book.page(WINDOW, "never-given")), Refusal)

    def misses(self) -> bool:
        return not {m.id for m in self.ledger.movements} <= {line for line, _ in self.lines()}

    def has_too_many(self) -> bool:
        return len(self.lines()) > len(self.ledger.movements)

    def miscounts(self) -> bool:
        return len(self.lines()) != self.totals

    def changes(self) -> bool:
        return self.lines() != self.lines()

    def has_other_amounts(self) -> bool:
        return {amount for _, amount in self.lines()} != {m.amount for m in self.ledger.movements}

    def states_in_two_times(self) -> bool:
        first, second = WINDOW._replace(to_s=151), WINDOW._replace(from_s=151)
        return bool({line for line, _ in self.lines(first)} & {line for line, _ in self.lines(second)})


SHOWS: dict[str, Callable[[Merchant], bool]] = {
    "statement-offset-pages": Merchant.repeats,
    "statement-page-from-standby": Merchant.loses,
    "statement-cursor-ignored": Merchant.takes_any_cursor,
    "statement-last-page-missing": Merchant.misses,
    "statement-totals-differ": Merchant.miscounts,
    "statement-line-restated": Merchant.changes,
    "statement-fen-and-yuan": Merchant.has_other_amounts,
    "statement-line-on-both-days": Merchant.states_in_two_times,
    "statement-line-left-out": Merchant.misses,
    "statement-line-twice": Merchant.has_too_many,
}


def test_every_flaw_of_statements_is_shown() -> None:
    assert list(SHOWS) == [text[0] for text in STATEMENT_FLAWS]


@pytest.mark.parametrize("name", SHOWS)
def test_a_flaw_shows_its_defect_and_the_correct_provider_does_not(name: str) -> None:
    assert SHOWS[name](Merchant(name, behind=5))
    assert not SHOWS[name](Merchant(None, behind=5))


@pytest.mark.parametrize(("name", "lines"), [(None, 60), ("statement-cursor-in-memory", 20)])
def test_a_node_that_was_started_again_goes_on_with_a_list_or_ends_it(name: str | None, lines: int) -> None:
    before = Merchant(name)
    first = asyncio.run(before.book.page(WINDOW, ""))
    assert isinstance(first, StatementResponse)
    assert len(before.lines()) == 60
    again = Merchant(name)

    async def rest() -> int:
        found, cursor = len(first.lines), first.next
        while cursor:
            page = await again.book.page(WINDOW, cursor)
            assert isinstance(page, StatementResponse)
            found, cursor = found + len(page.lines), page.next
        return found

    assert asyncio.run(rest()) == lines
    assert not again.takes_any_cursor()


def test_a_payout_is_booked_at_the_node_s_own_time() -> None:
    written: list[tuple[object, ...]] = []

    class Primary:
        async def row(self, sql: str, *values: object) -> None:
            written.append(values)

    async def write(order: ProviderOrder, status: str) -> bool:
        return True

    wall = SimpleNamespace(unix_ns=lambda: 28_800 * SECOND)
    for name, booked in ((None, []), ("statement-booked-by-node-clock", [("po_1", 28_800.0)])):
        kind = variant_named(name)
        service: Any = kind.__new__(kind)
        service.store, service.node, service.write = (
            SimpleNamespace(primary=Primary()),
            SimpleNamespace(wall=wall),
            write,
        )
        written.clear()
        order = ProviderOrder("po_1", "main", "N-1", 5, "EUR", "", "", "A")
        assert asyncio.run(service.advance(order, "PAID")) and asyncio.run(service.advance(order, "ACCEPTED"))
        assert written == booked
