"""Flaws of finding duplicates. All of them do without the unique index, so two rows, and two payments, can come of one order number."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ...contract.emulate.domain_responses import ProviderOrder, ReceivedOrder
from ...core.clock import MS, SECOND
from ...core.promises import OtherPayloadAnswer
from ..service.payment_service import NodeIdentity, PaymentService
from .base import variant


class _NoUniqueIndex(PaymentService):
    unique_orders = False

    async def append(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        return await self.store.append(self.new_order(account, submission)), True


@variant("standby-dedup")
class StandbyDedup(_NoUniqueIndex):
    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        standing = await self.store.find(self.store.standby, account, submission.order_no)
        return (standing, False) if standing is not None else await self.append(account, submission)


@variant("memory-dedup")
class MemoryDedup(_NoUniqueIndex):
    """Right for whatever one node sees in one life, concurrent copies included; the other node knows nothing of it."""

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node)
        self._taken: dict[tuple[str, str], asyncio.Future[ProviderOrder]] = {}

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        key = (account, submission.order_no)
        taken = self._taken.get(key)
        if taken is not None:
            first = await asyncio.shield(taken)
            return await self.find(account, submission.order_no) or first, False
        self._taken[key] = taken = asyncio.get_running_loop().create_future()
        order, created = await self.append(account, submission)
        taken.set_result(order)
        return order, created


@variant("check-then-insert")
class CheckThenInsert(_NoUniqueIndex):
    CHECKS_S = 0.005
    """What happens between the look-up and the insert: limits, sanctions lists."""

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        standing = await self.find(account, submission.order_no)
        if standing is not None:
            return standing, False
        await asyncio.sleep(self.CHECKS_S)
        return await self.append(account, submission)


@variant("duplicate-executes")
class DuplicateExecutes(_NoUniqueIndex):
    """A number is entered into the index of duplicates only once its first request has been worked off."""

    INDEXED_MS = 50
    extra_tables = "ALTER TABLE orders ADD COLUMN taken_at timestamptz NOT NULL DEFAULT clock_timestamp();"
    _INDEXED = f"""
SELECT 1 FROM orders WHERE account = $1 AND order_no = $2 AND taken_at < clock_timestamp() - interval '{INDEXED_MS} ms' LIMIT 1
"""

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        if await self.store.primary.row(self._INDEXED, account, submission.order_no) is not None:
            standing = await self.find(account, submission.order_no)
            if standing is not None:
                return standing, False
        return await self.append(account, submission)


@variant("key-forgotten")
class KeyForgotten(_NoUniqueIndex):
    """A table of keys decides, correctly also for concurrent copies on both nodes, but a key counts for 300 ms only, whatever the contract says."""

    KEPT_MS = 300

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node._replace(manners=replace(node.manners, key_retention_ns=self.KEPT_MS * MS)))


@variant("keys-expire-by-node-clock")
class KeysExpireByNodeClock(_NoUniqueIndex):
    """A table of keys again, which keeps each for as long as is promised, and for a day where that is for ever; but a key's age is what the node's own clock makes of it."""

    DAY_NS = 86_400 * SECOND

    async def keep(self, order: ProviderOrder) -> tuple[ProviderOrder, bool]:
        manners, wall = self.manners, self.node.wall
        return await self.store.claim(
            order,
            payload_counts=manners.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT,
            retention_ns=manners.key_retention_ns or self.DAY_NS,
            at_s=wall.unix_ns() / SECOND,
        )
