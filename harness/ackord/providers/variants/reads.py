"""Implement flaws of the read path: where a query looks."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import ProviderOrder
from ..service.node_identity import NodeIdentity
from ..service.payment_service import PaymentService
from ..service.provider_store import ReadLane
from .base import variant


@variant("standby-reads")
class StandbyReads(PaymentService):
    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        return await self.store.find(ReadLane.STANDBY, account, order_no)


@variant("read-model-reads")
class ReadModelReads(PaymentService):
    """Look a miss up once more, which hides the lag of the read model on all but bad days."""

    only_live = "the simulation has no read model"
    read_model = True
    AGAIN_S = 0.05

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        order = await self.store.find(ReadLane.READ_MODEL, account, order_no)
        if order is None:
            await asyncio.sleep(self.AGAIN_S)
            order = await self.store.find(ReadLane.READ_MODEL, account, order_no)
        return order


@variant("lag-1ms")
class StandbyReadsNearby(StandbyReads):
    """Run the same code; the profile sets the lag to one millisecond."""


@variant("lag-rare")
class RarelyStandbyReads(PaymentService):
    only_live = "it shows in one order of two hundred, and a program has fewer, with the same numbers in each"
    SHARE = 0.005

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        rare = self.node.seed.hits(self.SHARE, "lag-rare", account, order_no)
        return await self.store.find(ReadLane.STANDBY if rare else ReadLane.PRIMARY, account, order_no)


@variant("standby-first")
class StandbyFirst(PaymentService):
    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        landed = await self.store.find(ReadLane.STANDBY, account, order_no)
        return landed or await super().find(account, order_no)


@variant("alternating-reads")
class AlternatingReads(PaymentService):
    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node)
        self._reads = 0

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        self._reads += 1
        lane = ReadLane.STANDBY if self._reads % 2 == 0 else ReadLane.PRIMARY
        return await self.store.find(lane, account, order_no)


@variant("unlanded-failed")
class UnlandedFailed(PaymentService):
    """Report FAILED for what the primary has and the standby has not."""

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        landed = await self.store.find(ReadLane.STANDBY, account, order_no)
        if landed is not None:
            return landed
        order = await super().find(account, order_no)
        return None if order is None else order._replace(status="FAILED")
