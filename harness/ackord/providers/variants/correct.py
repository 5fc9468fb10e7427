"""Implement correct providers: different ways to keep the promise that an acknowledged order is visible."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import ProviderOrder, ProviderResponse, ReceivedOrder
from ..service.payment_service import PaymentService
from ..service.provider_store import ReadLane
from ..service.tables import REGISTRY
from .base import variant


@variant("primary-reads")
class PrimaryReads(PaymentService):
    """Read where orders are written. There is nothing to override."""


@variant("remote-apply")
class RemoteApply(PaymentService):
    """Acknowledge an order only when the standby has replayed it, so that the standby may answer queries.

    The answer to a resubmission is safe too: its upsert is itself a write that waits for the standby, with everything
    before it. A cancel's answer waits for such an upsert.
    """

    only_live = "it is a commit mode of PostgreSQL"
    order_commit = "remote_apply"

    async def taken_back(self, order: ProviderOrder) -> bool:
        cancelled = await super().taken_back(order)
        if cancelled:
            await self.store.place(order)
        return cancelled

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        return await self.store.find(ReadLane.STANDBY, account, order_no)


@variant("single-flight")
class SingleFlight(PaymentService):
    """Share one write among copies that arrive at one node at the same time; the unique index has the last word."""

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        flights = self._flights
        key = (account, submission.order_no)
        flight = flights.get(key)
        if flight is not None:
            order, _ = await asyncio.shield(flight)
            return order, False
        flights[key] = flight = asyncio.ensure_future(super().place(account, submission))
        try:
            return await asyncio.shield(flight)
        finally:
            del flights[key]

    async def start(self) -> None:
        self._flights: dict[tuple[str, str], asyncio.Future[tuple[ProviderOrder, bool]]] = {}
        await super().start()


@variant("order-registry")
class OrderRegistry(PaymentService):
    """Read the standby, and correct it by a registry of acknowledged orders.

    The registry keeps, for each order, the highest status that any answer from the primary told. A query answers the
    higher of that and the standby's. Both only go up, so what merchants see only goes up. An order that the registry
    knows is at least PROCESSING.
    """

    extra_tables = REGISTRY
    LEVELS = ("PROCESSING", "PAID", "FAILED", "DECLINED", "CANCELLED", "RETURNED")
    """PROCESSING is the lowest, RETURNED the highest; an order reaches only one of those in between."""

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        order, created = await super().place(account, submission)
        await self.store.tell(order, self._level(order))
        return order, created

    async def taken_back(self, order: ProviderOrder) -> bool:
        cancelled = await super().taken_back(order)
        if cancelled:
            await self.store.tell(order, self.LEVELS.index("CANCELLED"))
        return cancelled

    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        return await super().replayed(order._replace(status=self.LEVELS[self._level(order)]))

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        told, landed = await asyncio.gather(
            self.store.told(account, order_no), self.store.find(ReadLane.STANDBY, account, order_no)
        )
        if told is None:
            return landed
        order, level = told
        level = level if landed is None else max(level, self._level(landed))
        return order._replace(status=self.LEVELS[level])

    def _level(self, order: ProviderOrder) -> int:
        return self.LEVELS.index(order.status) if order.status in self.LEVELS else 0
