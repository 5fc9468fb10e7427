"""Implement correct providers: different ways to keep the promise that an acknowledged order is visible."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import ProviderOrder, ProviderResponse, ReceivedOrder
from ..service.payment_service import PaymentService
from .base import variant


@variant("primary-reads")
class PrimaryReads(PaymentService):
    """Read where orders are written. There is nothing to override."""


@variant("remote-apply")
class RemoteApply(PaymentService):
    """Acknowledge an order only when the standby has replayed it, so that the standby may answer queries.

    The answer to a resubmission is safe too: its upsert is itself a write that waits for the standby, with everything
    before it.
    """

    order_commit = "remote_apply"

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        return await self.store.find(self.store.standby, account, order_no)


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

    extra_tables = """
CREATE TABLE registry (
  account text NOT NULL, order_no text NOT NULL, provider_id text NOT NULL,
  amount bigint NOT NULL, currency text NOT NULL,
  payee text NOT NULL, told int NOT NULL, node text NOT NULL, PRIMARY KEY (account, order_no)
);
"""
    LEVELS = ("PROCESSING", "PAID", "FAILED", "DECLINED", "CANCELLED", "RETURNED")
    """PROCESSING is the lowest, RETURNED the highest; an order reaches only one of those in between."""
    _TELL = """
INSERT INTO registry VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (account, order_no) DO UPDATE SET told = greatest(registry.told, excluded.told)
"""
    _TOLD = """SELECT provider_id, account, order_no, amount, currency, payee, told, node FROM registry
WHERE account = $1 AND order_no = $2"""

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        order, created = await super().place(account, submission)
        level = self._level(order)
        await self.store.orders.row(
            self._TELL, account, order.order_no, order.provider_id, *order[3:6], level, order.node
        )
        return order, created

    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        return await super().replayed(order._replace(status=self.LEVELS[self._level(order)]))

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        row, landed = await asyncio.gather(
            self.store.primary.row(self._TOLD, account, order_no),
            self.store.find(self.store.standby, account, order_no),
        )
        if row is None:
            return landed
        *fields, told, node = row
        level = told if landed is None else max(told, self._level(landed))
        return ProviderOrder._make((*fields, self.LEVELS[level], node))

    def _level(self, order: ProviderOrder) -> int:
        return self.LEVELS.index(order.status) if order.status in self.LEVELS else 0
