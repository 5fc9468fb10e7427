"""Implement flaws after the acknowledgement: reading the channel's silence, and writing statuses."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import ProviderOrder, ReceivedOrder
from ..service.bank_channel import BankOutcome
from ..service.payment_service import PaymentService
from ..service.provider_store import BEFORE
from ..service.tables import STATUS_CACHE
from .base import variant


@variant("timeout-failed")
class TimeoutFailed(PaymentService):
    """Report FAILED at once, and PAID when the truth is known."""

    async def unknown_outcome(self, order: ProviderOrder) -> BankOutcome:
        await self.advance(order, "FAILED")
        return await super().unknown_outcome(order)

    async def advance(self, order: ProviderOrder, status: str) -> bool:
        return await self.write(order, status, (*BEFORE[status], "FAILED"))


@variant("stuck-after-timeout")
class StuckAfterTimeout(PaymentService):
    async def notified(self, order: ProviderOrder) -> None:
        """Ignore the notification."""

    async def unknown_outcome(self, order: ProviderOrder) -> BankOutcome:
        return BankOutcome.UNKNOWN


@variant("callback-twice-moves-twice")
class CallbackTwiceMovesTwice(PaymentService):
    """Book a payment wherever it is learnt: in the callback's handler, and in the code that processes the order."""

    async def notified(self, order: ProviderOrder) -> None:
        await super().notified(order)
        await self.store.move(order._replace(provider_id=self.new_id(order.account, order.order_no)), "payout")


@variant("late-success")
class LateSuccess(PaymentService):
    """Write PAID a second time: the channel's second report comes from a slow queue, and nobody checks the status."""

    SLOW_S = 0.06

    async def bring_back(self, order: ProviderOrder) -> None:
        await super().bring_back(order)
        await asyncio.sleep(self.SLOW_S)
        await self.write(order, "PAID", ("RETURNED",))


@variant("unordered-status-cache")
class UnorderedStatusCache(PaymentService):
    """Send each status to the cache by a task of its own; they finish in any order, and the last one wins."""

    SLOWEST_S = 0.09
    extra_tables = STATUS_CACHE

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        order, created = await super().place(account, submission)
        if created:
            self.tasks.start(self._cache(order, "ACCEPTED"))
        return order, created

    async def advance(self, order: ProviderOrder, status: str) -> bool:
        written = await super().advance(order, status)
        self.tasks.start(self._cache(order, status))
        return written

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        order = await super().find(account, order_no)
        if order is None:
            return None
        cached = await self.store.cached_status(order.provider_id)
        return order if cached is None else order._replace(status=cached)

    async def _cache(self, order: ProviderOrder, status: str) -> None:
        await asyncio.sleep(self.SLOWEST_S * self.node.seed.unit("cache", order.account, order.order_no, status))
        await self.store.cache_status(order.provider_id, status)
