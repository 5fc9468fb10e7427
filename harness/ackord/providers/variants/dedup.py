"""Implement flaws of finding duplicates.

None of them has the unique index, so one order number can become two rows and two payments.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ...contract.emulate.domain_responses import ProviderOrder, ReceivedOrder
from ...core.clock import MS, SECOND
from ..service.node_identity import NodeIdentity
from ..service.payment_service import PaymentService
from ..service.provider_store import KeyRule, ReadLane
from ..service.tables import TAKEN_AT
from .base import variant

_DAY_NS = 86_400 * SECOND


class _NoUniqueIndex(PaymentService):
    unique_orders = False

    async def append(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        return await self.store.append(self.new_order(account, submission)), True


@variant("standby-dedup")
class StandbyDedup(_NoUniqueIndex):
    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        standing = await self.store.find(ReadLane.STANDBY, account, submission.order_no)
        return (standing, False) if standing is not None else await self.append(account, submission)


@variant("memory-dedup")
class MemoryDedup(_NoUniqueIndex):
    """Find duplicates in a node's memory, correctly for concurrent copies; the other node knows nothing of it."""

    only_live = "it shows at the second of two nodes, and the simulation has one"

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
    """Enter a number into the index of duplicates only after its first request has been processed."""

    INDEXED_MS = 50
    extra_tables = TAKEN_AT

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        if await self.store.is_older(account, submission.order_no, self.INDEXED_MS):
            standing = await self.find(account, submission.order_no)
            if standing is not None:
                return standing, False
        return await self.append(account, submission)


@variant("key-forgotten")
class KeyForgotten(_NoUniqueIndex):
    """Decide by a table of keys, in which a key counts for 300 ms only, whatever the contract says.

    Concurrent copies on both nodes are found.
    """

    KEPT_MS = 300

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node._replace(behavior=replace(node.behavior, key_retention_ns=self.KEPT_MS * MS)))


@variant("keys-expire-early")
class KeysExpireEarly(_NoUniqueIndex):
    """Decide by a table of keys, each of which is kept for half of what is promised, and for a day instead of for
    ever.
    """

    only_live = "it shows when a sandbox's clock is moved on by a day"

    def key_rule(self) -> KeyRule:
        rule = super().key_rule()
        promised_ns = rule.retention_ns
        return rule._replace(retention_ns=_DAY_NS if promised_ns is None else promised_ns // 2)


@variant("keys-expire-by-node-clock")
class KeysExpireByNodeClock(_NoUniqueIndex):
    """Decide by a table of keys whose age is measured by the node's own clock.

    Each key is kept for as long as is promised, and for a day where the promise is for ever.
    """

    only_live = "it shows when the clock of one node is stepped"

    def key_rule(self) -> KeyRule:
        rule = super().key_rule()
        at_s = self.node.wall.unix_ns() / SECOND
        return rule._replace(retention_ns=rule.retention_ns or _DAY_NS, ahead_s=0, at_s=at_s)
