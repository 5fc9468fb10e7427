"""Stores the provider's orders, its bank's book and its refunds in memory: ``ProviderStore`` in virtual time.

What merchants wait for takes a while, and acts at the end of it, in one instant; everything else takes no time, so that
an operation sleeps once. The rules that the database holds by its indexes and conditions are held here in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..contract.emulate.domain_responses import ProviderMovement, ProviderOrder, ProviderRefund, ReceivedOrder
from ..core.clock import MS, SECOND, VirtualClock
from ..providers.service.provider_store import BEFORE, KeyRule, ReadLane, StatedWindow, StatementTotals
from .simulated_standby import Key, SimulatedStandby
from .virtual_loop import Pause

__all__ = ["READ_NS", "SIMULATED_UNIX_S", "WRITE_NS", "SimulatedStore"]

SIMULATED_UNIX_S = 1_800_000_000
"""The civil time at which the virtual clock begins."""
READ_NS = 200_000
"""Service time of a query."""
WRITE_NS = MS
"""Service time of a submit: until the commit, which is also the instant of the answer."""
_READING, _WRITING = Pause((READ_NS,)), Pause((WRITE_NS,))


class SimulatedRefunds:
    """The refunds of a store."""

    def __init__(self, orders: dict[str, ProviderOrder], moved: set[tuple[str, str]], *, unique: bool) -> None:
        self._orders, self._moved, self._unique = orders, moved, unique
        self.by_id: dict[str, ProviderRefund] = {}

    def _known(self, refund: ProviderRefund) -> ProviderRefund | None:
        number = (refund.account, refund.refund_no)
        return next((known for known in self.by_id.values() if (known.account, known.refund_no) == number), None)

    def _sum(self, order_id: str) -> int:
        return sum(refund.amount for refund in self.by_id.values() if refund.order_id == order_id)

    async def take(self, refund: ProviderRefund) -> ProviderRefund | None:
        await _WRITING
        known = self._known(refund)
        order = self._orders[refund.order_id]
        if known is not None or order.status != "PAID" or self._sum(order.provider_id) + refund.amount > order.amount:
            return known
        self.by_id[refund.refund_id] = refund
        return refund

    async def unpaid(self, node: str) -> list[ProviderRefund]:
        refunds = sorted(self.by_id.values())
        return [refund for refund in refunds if refund.node == node and (refund.refund_id, "refund") not in self._moved]

    async def add(self, refund: ProviderRefund) -> bool:
        await _WRITING
        if self._unique and self._known(refund) is not None:
            return False
        self.by_id[refund.refund_id] = refund
        return True

    async def given_back(self, order_id: str) -> int:
        return self._sum(order_id)


class SimulatedStore:
    """The store of one program."""

    unreachable: tuple[type[BaseException], ...] = ()

    def __init__(self, clock: VirtualClock, *, scoped: bool = True, unique_refunds: bool = True) -> None:
        """``scoped``: each account has its own order numbers; else a number is one number, whoever says it."""
        self._clock, self._scoped = clock, scoped
        self.orders: dict[str, ProviderOrder] = {}
        """By provider id."""
        self.ledger: list[ProviderMovement] = []
        self.standby = SimulatedStandby(clock)
        self._moved: set[tuple[str, str]] = set()
        self.refunds = SimulatedRefunds(self.orders, self._moved, unique=unique_refunds)
        self._first: dict[Key, tuple[str, int]] = {}
        """The provider id that an order number leads to, and when it was taken."""
        self._keys: dict[tuple[str, str, str], tuple[str, int]] = {}
        self._registry: dict[Key, tuple[ProviderOrder, int]] = {}
        self._cache: dict[str, str] = {}

    def _key(self, account: str, order_no: str) -> Key:
        return account if self._scoped else "", order_no

    def _insert(self, order: ProviderOrder) -> ProviderOrder:
        self._first.setdefault(self._key(order.account, order.order_no), (order.provider_id, self._clock.now_ns()))
        self._write(order)
        return order

    def _write(self, order: ProviderOrder) -> None:
        """Write and replicate. If a number is taken twice, the first order stays visible."""
        self.orders[order.provider_id] = order
        key = self._key(order.account, order.order_no)
        if self._first[key][0] == order.provider_id:
            self.standby.write(key, order)

    async def place(self, order: ProviderOrder) -> tuple[ProviderOrder, bool]:
        await _WRITING
        first = self._first.get(self._key(order.account, order.order_no))
        return (self._insert(order), True) if first is None else (self.orders[first[0]], False)

    async def append(self, order: ProviderOrder) -> ProviderOrder:
        await _WRITING
        return self._insert(order)

    async def claim(self, order: ProviderOrder, rule: KeyRule) -> tuple[ProviderOrder, bool]:
        payload_counts, retention_ns, ahead_s, at_s = rule
        await _WRITING
        key = (*self._key(order.account, order.order_no), str(order.submission) if payload_counts else "")
        at_ns = self._clock.now_ns() + ahead_s * SECOND if at_s is None else round(at_s * SECOND)
        claimed = self._keys.get(key)
        if claimed is not None and (retention_ns is None or at_ns - claimed[1] <= retention_ns):
            return self.orders[claimed[0]], False
        self._keys[key] = (order.provider_id, at_ns)
        return self._insert(order), True

    async def find(self, lane: ReadLane, account: str, order_no: str) -> ProviderOrder | None:
        await _READING
        key = self._key(account, order_no)
        if lane is ReadLane.STANDBY:
            return self.standby.get(key)
        first = self._first.get(key)
        return None if first is None else self.orders[first[0]]

    async def identified(self, provider_id: str) -> ProviderOrder | None:
        return self.orders.get(provider_id)

    async def advance(self, provider_id: str, status: str, before: Sequence[str] | None = None) -> bool:
        order = self.orders.get(provider_id)
        if order is None or order.status not in (BEFORE[status] if before is None else before):
            return False
        self._write(order._replace(status=status))
        return True

    async def of_node(self, node: str, statuses: Sequence[str]) -> list[ProviderOrder]:
        return [order for order in self.orders.values() if order.node == node and order.status in statuses]

    async def move(self, order: ProviderOrder, kind: str) -> None:
        if (order.provider_id, kind) in self._moved:
            return
        self._moved.add((order.provider_id, kind))
        number, at_s = len(self.ledger) + 1, SIMULATED_UNIX_S + self._clock.now_ns() // SECOND
        provider_id, account, order_no, amount, currency, *_ = order
        refund = self.refunds.by_id.get(provider_id)
        of, refund_no = (provider_id, "") if refund is None else (refund.order_id, refund.refund_no)
        booked = ProviderMovement(number, account, order_no, of, amount, kind, at_s, currency, refund_no)
        self.ledger.append(booked)
        self.standby.book(booked)

    async def move_again(self, booked: Sequence[tuple[ProviderOrder, str]]) -> int:
        before = len(self.ledger)
        for order, kind in booked:
            await self.move(order, kind)
        return len(self.ledger) - before

    async def moved(self, provider_id: str, kind: str) -> bool:
        return (provider_id, kind) in self._moved

    async def movements(
        self, account: str | None, after: int, limit: int, skip: int = 0, of: tuple[str, str] = ("", "")
    ) -> list[ProviderMovement]:
        def wanted(m: ProviderMovement) -> bool:
            return account in (None, m.account) and of[0] in ("", m.order_no) and of[1] in ("", m.provider_id)

        return self._selected(wanted, after, skip, limit)

    async def stated(
        self, account: str, from_s: int, to_s: int, after: int, limit: int, skip: int = 0
    ) -> list[ProviderMovement]:
        return self._selected(lambda m: m.account == account and from_s <= m.at_s < to_s, after, skip, limit)

    def _selected(
        self, wanted: Callable[[ProviderMovement], bool], after: int, skip: int, limit: int
    ) -> list[ProviderMovement]:
        return [m for m in self.ledger if m.id > after and wanted(m)][skip : skip + limit]

    async def statement_page(
        self, lane: ReadLane, window: StatedWindow, *, after: int, limit: int, skip: int = 0, newest_first: bool = False
    ) -> tuple[list[ProviderMovement], StatementTotals]:
        account, from_s, to_s = window
        ledger = self.standby.movements() if lane is ReadLane.STANDBY else self.ledger
        stated = [m for m in ledger if m.account == account and from_s <= m.at_s < to_s]
        paid_out = sum([m.amount for m in stated if m.kind == "payout"])
        totals = StatementTotals(len(stated), paid_out, sum([m.amount for m in stated]) - paid_out)
        behind = [m for m in stated if m.id > after]
        return (behind[::-1] if newest_first else behind)[skip : skip + limit], totals

    async def totals(self, account: str) -> tuple[int, int]:
        return (await self.statement_page(ReadLane.PRIMARY, StatedWindow(account, 0, 1 << 62), after=0, limit=0))[1][1:]

    async def owner_of(self, order_no: str) -> str | None:
        return next((order.account for order in self.orders.values() if order.order_no == order_no), None)

    async def is_older(self, account: str, order_no: str, age_ms: int) -> bool:
        first = self._first.get(self._key(account, order_no))
        return first is not None and self._clock.now_ns() - first[1] > age_ms * MS

    async def change(self, provider_id: str, submission: ReceivedOrder) -> None:
        _, amount, currency, payee = submission
        self._write(self.orders[provider_id]._replace(amount=amount, currency=currency, payee=payee))

    async def tell(self, order: ProviderOrder, level: int) -> None:
        key = (order.account, order.order_no)
        first, highest = self._registry.get(key, (order, level))
        self._registry[key] = first, max(level, highest)

    async def told(self, account: str, order_no: str) -> tuple[ProviderOrder, int] | None:
        return self._registry.get((account, order_no))

    async def cache_status(self, provider_id: str, status: str) -> None:
        self._cache[provider_id] = status

    async def cached_status(self, provider_id: str) -> str | None:
        return self._cache.get(provider_id)
