"""Implement flaws of the moment of acknowledgement."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import ProviderOrder, ReceivedOrder
from ..service.node_identity import NodeIdentity
from ..service.payment_service import PaymentService
from .base import variant


@variant("ack-before-commit")
class AckBeforeCommit(PaymentService):
    """Acknowledge the order from memory; a background writer commits it a little later."""

    only_live = "it shows when a node dies between the acknowledgement and the commit"
    BEHIND_S = 0.03

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node)
        self._unwritten: dict[tuple[str, str], tuple[ProviderOrder, asyncio.Future[bool]]] = {}

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        standing = await self.find(account, submission.order_no)
        standing = self._in_memory(account, submission.order_no) or standing
        if standing is not None:
            return standing, False
        order = self.new_order(account, submission)
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._unwritten[account, submission.order_no] = (order, written)
        self.tasks.start(self._write(order, written))
        return order, True

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        return self._in_memory(account, order_no) or await super().find(account, order_no)

    async def execute(self, order: ProviderOrder) -> None:
        unwritten = self._unwritten.get((order.account, order.order_no))
        if unwritten is None or await unwritten[1]:
            await super().execute(order)

    async def identified(self, provider_id: str) -> ProviderOrder | None:
        unwritten = next((order for order, _ in self._unwritten.values() if order.provider_id == provider_id), None)
        return unwritten or await super().identified(provider_id)

    def _in_memory(self, account: str, order_no: str) -> ProviderOrder | None:
        unwritten = self._unwritten.get((account, order_no))
        return None if unwritten is None else unwritten[0]

    async def _write(self, order: ProviderOrder, written: asyncio.Future[bool]) -> None:
        await asyncio.sleep(self.BEHIND_S)
        try:
            _, created = await self.keep(order)
            written.set_result(created)
        finally:
            del self._unwritten[order.account, order.order_no]


@variant("commit-waits-for-nobody")
class CommitWaitsForNobody(PaymentService):
    """Ask in each session for less durability than the servers are set to."""

    only_live = "it is a commit mode of PostgreSQL, and shows in a failover"
    order_commit = "local"
