"""Flaws of the read path: at which server a query looks."""

from __future__ import annotations

from ....contract.meanings import Order
from ..service import Node, Service
from .base import variant


@variant("standby-reads")
class StandbyReads(Service):
    async def find(self, account: str, order_no: str) -> Order | None:
        return await self.store.find(self.store.standby, account, order_no)


@variant("lag-1ms")
class StandbyReadsNearby(StandbyReads):
    """The same code; the profile makes the lag one millisecond."""


@variant("lag-rare")
class RarelyStandbyReads(Service):
    SHARE = 0.005

    async def find(self, account: str, order_no: str) -> Order | None:
        rare = self.node.seed.hits(self.SHARE, "lag-rare", account, order_no)
        return await self.store.find(self.store.standby if rare else self.store.primary, account, order_no)


@variant("standby-first")
class StandbyFirst(Service):
    async def find(self, account: str, order_no: str) -> Order | None:
        landed = await self.store.find(self.store.standby, account, order_no)
        return landed or await super().find(account, order_no)


@variant("alternating-reads")
class AlternatingReads(Service):
    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._reads = 0

    async def find(self, account: str, order_no: str) -> Order | None:
        self._reads += 1
        lane = self.store.standby if self._reads % 2 == 0 else self.store.primary
        return await self.store.find(lane, account, order_no)


@variant("unlanded-failed")
class UnlandedFailed(Service):
    """What the primary has and the standby has not is taken for an order whose processing broke."""

    async def find(self, account: str, order_no: str) -> Order | None:
        landed = await self.store.find(self.store.standby, account, order_no)
        if landed is not None:
            return landed
        order = await super().find(account, order_no)
        return None if order is None else order._replace(status="FAILED")
