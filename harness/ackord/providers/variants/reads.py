"""Flaws of the read path: where a query looks."""

from __future__ import annotations

import asyncio

from ...contract.emulate.meanings import Order
from ..service.service import Node, Service
from .base import variant


@variant("standby-reads")
class StandbyReads(Service):
    async def find(self, account: str, order_no: str) -> Order | None:
        return await self.store.find(self.store.standby, account, order_no)


@variant("read-model-reads")
class ReadModelReads(Service):
    """A miss is looked up once more, which hides how far the read model is behind on any day but a bad one."""

    read_model = True
    AGAIN_S = 0.05

    async def find(self, account: str, order_no: str) -> Order | None:
        order = await self.store.find(self.store.read_model, account, order_no)
        if order is None:
            await asyncio.sleep(self.AGAIN_S)
            order = await self.store.find(self.store.read_model, account, order_no)
        return order


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
