"""Each flaw of statements shows in what a merchant is given; the correct provider's statement is whole and stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from ackord.contract.emulate.domain_responses import Refusal
from ackord.providers.service.statement_book import StatedWindow, StatementBook, StatementResponse
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
