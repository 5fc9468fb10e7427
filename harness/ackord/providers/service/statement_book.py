"""State an account's movements of a time, page by page. ``StatementBook`` is the correct one; flaws override its seams:

- ``lane``      which server a page is read from
- ``after``     what a cursor means
- ``following`` what the next page's cursor is
- ``read``      which movements a page has, and what the statement says that they add up to
- ``shown``     how lines are written
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from ...contract.emulate.domain_responses import ProviderMovement, Refusal, RefusalKind
from .provider_store import ProviderStore, ReadLane, StatedWindow, StatementTotals

__all__ = ["StatementBook", "StatementResponse"]


class StatementResponse(NamedTuple):
    """One page of a statement."""

    lines: tuple[ProviderMovement, ...]
    next: str
    """The next page's cursor; empty on the last page."""
    totals: StatementTotals


class StatementBook:
    """Write the statements of one node."""

    NO_CURSOR: ClassVar = Refusal(RefusalKind.INVALID_REQUEST, "This cursor is none that the statement gave.")

    def __init__(self, store: ProviderStore) -> None:
        self.store = store
        self.page_lines = 20

    async def page(self, window: StatedWindow, cursor: str) -> StatementResponse | Refusal:
        """Return the page that ``cursor`` names; empty: the first."""
        after = self.after(window, cursor)
        if after is None:
            return self.NO_CURSOR
        lines, totals = await self.read(window, after)
        shown = lines[: self.page_lines]
        following = self.following(window, after, shown, totals) if len(lines) > self.page_lines else ""
        return StatementResponse(tuple(self.shown(window, shown)), following, totals)

    # The seams.

    def lane(self) -> ReadLane:
        return ReadLane.PRIMARY

    def after(self, window: StatedWindow, cursor: str) -> int | None:
        """Return the identifier that a page begins behind; ``None`` for a cursor that was never given."""
        if not cursor:
            return 0
        number, _, check = cursor.partition("-")
        if not number.isdecimal() or len(number) > 18 or check != _check(window, int(number)):
            return None
        return int(number)

    def following(
        self, window: StatedWindow, after: int, lines: Sequence[ProviderMovement], totals: StatementTotals
    ) -> str:
        """Return the cursor of the page behind ``lines``: where it begins does not move, whatever is booked."""
        last = lines[-1].id
        return f"{last}-{_check(window, last)}"

    async def read(self, window: StatedWindow, after: int) -> tuple[list[ProviderMovement], StatementTotals]:
        """Return the lines of a page, one more where there is one, and the totals of the time."""
        return await self.select(window, after=after)

    def shown(self, window: StatedWindow, lines: Sequence[ProviderMovement]) -> Sequence[ProviderMovement]:
        return lines

    # What the seams are made of.

    async def select(
        self, window: StatedWindow, *, after: int = 0, skip: int = 0, newest_first: bool = False
    ) -> tuple[list[ProviderMovement], StatementTotals]:
        """Read movements by identifier, one more than a page has."""
        limit = self.page_lines + 1
        return await self.store.statement_page(
            self.lane(), window, after=after, limit=limit, skip=skip, newest_first=newest_first
        )


def _check(window: StatedWindow, last: int) -> str:
    """Return what tells a cursor that was given for this time from one that somebody made up."""
    return hashlib.blake2b(repr((*window, last)).encode(), digest_size=4).hexdigest()
