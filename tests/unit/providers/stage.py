"""A service on a stage: a store in memory with the promises of the real one, and a bank that answers at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ackord.contract.emulate.domain_responses import (
    OrderResponse,
    ProviderOrder,
    ProviderRefund,
    ProviderResponse,
    ReceivedOrder,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ackord.core.clock import SECOND, RealClock, WallClock
from ackord.core.seed import Seed
from ackord.providers.service.bank_channel import BankChannel, ChannelSettings
from ackord.providers.service.behavior import ProviderBehavior
from ackord.providers.service.node_identity import NodeIdentity
from ackord.providers.service.payment_service import PaymentService
from ackord.providers.service.provider_store import BEFORE, KeyRule, ReadLane
from ackord.providers.variants import variant_named

ORDER = ReceivedOrder("N-00000001", 100, "EUR", "payee")
KEY = ("main", ORDER.order_no)


class MemoryRefunds:
    """Refunds by account and number, with the rules of the function in the database."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.taken: list[ProviderRefund] = []

    async def take(self, refund: ProviderRefund) -> ProviderRefund | None:
        await asyncio.sleep(0)
        for known in self.taken:
            if refund.refund_no and (known.account, known.refund_no) == (refund.account, refund.refund_no):
                return known
        order = self._store.by_id[refund.order_id]
        given = sum(r.amount for r in self.taken if r.order_id == refund.order_id)
        if order.status != "PAID" or given + refund.amount > order.amount:
            return None
        self.taken.append(refund)
        return refund

    async def unpaid(self, node: str) -> list[ProviderRefund]:
        return [r for r in self.taken if r.node == node and (r.refund_id, "refund") not in self._store.book]


class MemoryStore:
    """Dictionaries of orders and of keys, and a list of movements. Time passes when ``now_ns`` is set."""

    unreachable: tuple[type[BaseException], ...] = ()

    def __init__(self, *, scoped: bool = True) -> None:
        self._scoped = scoped
        self.by_id: dict[str, ProviderOrder] = {}
        self.book: list[tuple[str, str]] = []
        self.now_ns = 0
        self._keys: dict[tuple[str, ...], tuple[str, int]] = {}
        self.refunds = MemoryRefunds(self)

    @property
    def by_number(self) -> dict[tuple[str, str], ProviderOrder]:
        """The first order of each number."""
        return {self._key(order.account, order.order_no): order for order in reversed(self.by_id.values())}

    def _key(self, account: str, order_no: str) -> tuple[str, str]:
        return account if self._scoped else "", order_no

    def add(self, *orders: ProviderOrder) -> None:
        self.by_id |= {order.provider_id: order for order in orders}

    async def place(self, order: ProviderOrder) -> tuple[ProviderOrder, bool]:
        await asyncio.sleep(0)
        standing = self.by_number.get(self._key(order.account, order.order_no))
        if standing is not None:
            return standing, False
        return await self.append(order), True

    async def append(self, order: ProviderOrder) -> ProviderOrder:
        self.add(order)
        return order

    async def claim(self, order: ProviderOrder, rule: KeyRule) -> tuple[ProviderOrder, bool]:
        payload_counts, retention_ns, ahead_s, at_s = rule
        key = (*self._key(order.account, order.order_no), str(order.submission) if payload_counts else "")
        claimed = self._keys.get(key)
        at_ns = ahead_s * SECOND + (self.now_ns if at_s is None else round(at_s * SECOND))
        if claimed is not None and (retention_ns is None or at_ns - claimed[1] <= retention_ns):
            return self.by_id[claimed[0]], False
        self._keys[key] = (order.provider_id, at_ns)
        return await self.append(order), True

    async def find(self, lane: ReadLane, account: str, order_no: str) -> ProviderOrder | None:
        return self.by_number.get(self._key(account, order_no))

    async def identified(self, provider_id: str) -> ProviderOrder | None:
        return self.by_id.get(provider_id)

    async def advance(self, provider_id: str, status: str, before: Any = None) -> bool:
        order = self.by_id[provider_id]
        if order.status not in (before or BEFORE[status]):
            return False
        self.by_id[provider_id] = order._replace(status=status)
        return True

    async def move(self, order: ProviderOrder, kind: str) -> None:
        if (order.provider_id, kind) not in self.book:
            self.book.append((order.provider_id, kind))

    async def moved(self, provider_id: str, kind: str) -> bool:
        return (provider_id, kind) in self.book

    async def of_node(self, node: str, statuses: Any) -> list[ProviderOrder]:
        return [order for order in self.by_id.values() if order.node == node and order.status in statuses]


def service(
    variant: str | None = None, boot: int = 0, behavior: ProviderBehavior = ProviderBehavior(), **settings: float
) -> tuple[PaymentService, MemoryStore]:
    store: Any = MemoryStore(scoped=behavior.scoped_by_account)
    channel = BankChannel(store, Seed(1), ChannelSettings(**{"latency_ms": 0.0, "jitter_ms": 0.0, **settings}))
    node = NodeIdentity("A", boot, Seed(1), RealClock(), WallClock(), store, channel, behavior)
    return variant_named(variant)(node), store


def said(reply: ProviderResponse) -> ResponseReason | RefusalKind:
    """What kind of a reply it is."""
    assert isinstance(reply, OrderResponse | Refusal)
    return reply.telling if isinstance(reply, OrderResponse) else reply.kind


def order_of(reply: ProviderResponse) -> ProviderOrder:
    """The order that a reply shows, or points to."""
    assert isinstance(reply, OrderResponse | Refusal)
    assert reply.order is not None
    return reply.order


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0)
