"""Implement flaws of what a query finds: caches, scopes, queues, and answers about nothing."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import (
    OrderResponse,
    ProviderOrder,
    ProviderResponse,
    ReceivedOrder,
    ResponseReason,
)
from ...core.clock import MS
from ..service.node_identity import NodeIdentity
from ..service.payment_service import PaymentService
from ..service.tables import TAKEN_AT
from .base import variant


@variant("cached-not-found")
class CachedNotFound(PaymentService):
    KEPT_MS = 800

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node)
        self._absent_until_ns: dict[tuple[str, str], int] = {}

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        now_ns = self.node.clock.now_ns()
        if self._absent_until_ns.get((account, order_no), 0) > now_ns:
            return None
        order = await super().find(account, order_no)
        if order is None:
            self._absent_until_ns[account, order_no] = now_ns + self.KEPT_MS * MS
        return order


@variant("key-unscoped")
class KeyUnscoped(PaymentService):
    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        owner = await self.store.owner_of(order_no)
        return None if owner is None else await super().find(owner, order_no)

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        standing = await self.find(account, submission.order_no)
        return (standing, False) if standing is not None else await super().place(account, submission)


@variant("unknown-is-processing")
class UnknownIsProcessing(PaymentService):
    def missing(self, account: str, order_no: str) -> ProviderResponse:
        return OrderResponse(
            ProviderOrder("po_pending", account, order_no, 1, "XXX", "unknown", "PROCESSING", ""), ResponseReason.SHOWN
        )


@variant("slow-landing")
class SlowLanding(PaymentService):
    """Queue orders at the intake; duplicates are found there, queries are not answered from there."""

    LANDS_MS = 1500
    extra_tables = TAKEN_AT

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        landed = await self.store.is_older(account, order_no, self.LANDS_MS)
        return await super().find(account, order_no) if landed else None

    async def execute(self, order: ProviderOrder) -> None:
        await asyncio.sleep(self.LANDS_MS / 1000)
        await super().execute(order)
