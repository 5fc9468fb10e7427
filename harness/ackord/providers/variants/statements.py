"""Implement flaws of statements: their paging, their lines, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from ...contract.emulate.domain_responses import ProviderMovement, ProviderOrder, Refusal
from ...core.clock import SECOND
from ..service.payment_service import PaymentService
from ..service.provider_store import ProviderStore, ReadLane, StatedWindow, StatementTotals
from ..service.statement_book import StatementBook, StatementResponse
from .base import variant

if TYPE_CHECKING:  # the simulation does without a driver of PostgreSQL
    from ..service.order_store import OrderStore

__all__: list[str] = []

_ODD, _OF = 7, 50
"""The seventh line of fifty is the odd one."""


class _OffsetBook(StatementBook):
    def after(self, window: StatedWindow, cursor: str) -> int | None:
        return int(cursor) if cursor.isdecimal() and len(cursor) < 18 else None if cursor else 0

    def following(
        self, window: StatedWindow, after: int, lines: Sequence[ProviderMovement], totals: StatementTotals
    ) -> str:
        return str(after + len(lines))

    async def read(self, window: StatedWindow, after: int) -> tuple[list[ProviderMovement], StatementTotals]:
        return await self.select(window, skip=after, newest_first=True)


@variant("statement-offset-pages")
class StatementOffsetPages(PaymentService):
    """Count lines from the newest: what is booked meanwhile pushes lines to the next page."""

    statement_book = _OffsetBook


class _TwoServersBook(StatementBook):
    def __init__(self, store: ProviderStore) -> None:
        super().__init__(store)
        self._reads = 0

    def lane(self) -> ReadLane:
        self._reads += 1
        return ReadLane.STANDBY if self._reads.bit_count() % 2 else ReadLane.PRIMARY


@variant("statement-page-from-standby")
class StatementPageFromStandby(PaymentService):
    """Read pages from primary and standby, in no regular turn: as a balancer deals them out to many readers."""

    statement_book = _TwoServersBook


class _AnyCursorBook(StatementBook):
    def after(self, window: StatedWindow, cursor: str) -> int | None:
        return super().after(window, cursor) or 0


@variant("statement-cursor-ignored")
class StatementCursorIgnored(PaymentService):
    """Begin at the first line for a cursor that cannot be read."""

    statement_book = _AnyCursorBook


class _WholePagesBook(StatementBook):
    async def page(self, window: StatedWindow, cursor: str) -> StatementResponse | Refusal:
        found = await super().page(window, cursor)
        if isinstance(found, StatementResponse) and found.next:
            following = await super().page(window, found.next)
            if isinstance(following, StatementResponse) and not following.next:
                return found._replace(next="")
        return found


@variant("statement-last-page-missing")
class StatementLastPageMissing(PaymentService):
    """Give a next page only while it is not the last."""

    statement_book = _WholePagesBook


class _RowsBook(StatementBook):
    async def read(self, window: StatedWindow, after: int) -> tuple[list[ProviderMovement], StatementTotals]:
        lines, totals = await super().read(window, after)
        return lines, totals._replace(lines=totals.lines + 1)


@variant("statement-totals-differ")
class StatementTotalsDiffer(PaymentService):
    """Count the row of the totals, too."""

    statement_book = _RowsBook


class _RestatingBook(StatementBook):
    def __init__(self, store: ProviderStore) -> None:
        super().__init__(store)
        self._issued: dict[StatedWindow, int] = {}

    async def read(self, window: StatedWindow, after: int) -> tuple[list[ProviderMovement], StatementTotals]:
        if not after:
            self._issued[window] = self._issued.get(window, 0) + 1
        return await super().read(window, after)

    def shown(self, window: StatedWindow, lines: Sequence[ProviderMovement]) -> Sequence[ProviderMovement]:
        if self._issued.get(window, 0) < 2:
            return lines
        return [line._replace(amount=line.amount + 1) if line.id % 8 == 1 else line for line in lines]


@variant("statement-line-restated")
class StatementLineRestated(PaymentService):
    """Correct lines of a statement that was fetched before."""

    statement_book = _RestatingBook


class _MajorBook(StatementBook):
    def shown(self, window: StatedWindow, lines: Sequence[ProviderMovement]) -> Sequence[ProviderMovement]:
        return [line._replace(amount=line.amount * 100) if line.id % 4 == 1 else line for line in lines]


@variant("statement-fen-and-yuan")
class StatementFenAndYuan(PaymentService):
    """Convert the amounts of one bank's lines a second time."""

    statement_book = _MajorBook


class _GraceBook(StatementBook):
    async def read(self, window: StatedWindow, after: int) -> tuple[list[ProviderMovement], StatementTotals]:
        return await self.select(window._replace(from_s=max(0, window.from_s - 1)), after=after)


@variant("statement-line-on-both-days")
class StatementLineOnBothDays(PaymentService):
    """Begin a statement a second early, so that nothing is lost at midnight."""

    statement_book = _GraceBook


class _SkippingBook(StatementBook):
    def shown(self, window: StatedWindow, lines: Sequence[ProviderMovement]) -> Sequence[ProviderMovement]:
        return [line for line in lines if line.id % _OF != _ODD]


@variant("statement-line-left-out")
class StatementLineLeftOut(PaymentService):
    """Leave one line of fifty out."""

    statement_book = _SkippingBook


class _RepeatingBook(StatementBook):
    def shown(self, window: StatedWindow, lines: Sequence[ProviderMovement]) -> Sequence[ProviderMovement]:
        return [copy for line in lines for copy in self._copies(line)]

    def _copies(self, line: ProviderMovement) -> Sequence[ProviderMovement]:
        return (line, line._replace(id=line.id + 10**9)) if line.id % _OF == _ODD else (line,)


@variant("statement-line-twice")
class StatementLineTwice(PaymentService):
    """State one line of fifty twice, under two identifiers."""

    statement_book = _RepeatingBook


class _RememberingBook(StatementBook):
    _END = 1 << 62

    def __init__(self, store: ProviderStore) -> None:
        super().__init__(store)
        self._given: set[str] = set()

    def after(self, window: StatedWindow, cursor: str) -> int | None:
        found = super().after(window, cursor)
        return self._END if found and cursor not in self._given else found

    def following(
        self, window: StatedWindow, after: int, lines: Sequence[ProviderMovement], totals: StatementTotals
    ) -> str:
        cursor = super().following(window, after, lines, totals)
        self._given.add(cursor)
        return cursor


@variant("statement-cursor-in-memory")
class StatementCursorInMemory(PaymentService):
    """Keep cursors in memory, and take one that this process did not give for the end."""

    only_live = "it shows when a node is started again, or at a second one"
    statement_book = _RememberingBook


@variant("statement-booked-by-node-clock")
class StatementBookedByNodeClock(PaymentService):
    """Book a payout at what the node takes for the time."""

    only_live = "it shows when the clock of a node is wrong"

    async def advance(self, order: ProviderOrder, status: str) -> bool:
        if status == "PAID":
            sql = "UPDATE movements SET moved_at = to_timestamp($2) WHERE provider_id = $1 RETURNING id"
            primary = cast("OrderStore", self.store).primary
            await primary.row(sql, order.provider_id, self.node.wall.unix_ns() / SECOND)
        return await super().advance(order, status)
