"""Flaws of the read path: where a query looks for an order."""

from __future__ import annotations

from ..service import Service
from ..store import Order
from .base import variant


@variant("standby-reads")
class StandbyReads(Service):
    async def find(self, account: str, order_no: str) -> Order | None:
        return await self.store.find(self.store.standby, account, order_no)
