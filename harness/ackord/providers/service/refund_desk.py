"""Take refunds and see them through. ``RefundDesk`` is the correct one; flaws override its seams:

- ``take``       finding a refund with the same number, checking what is left, and storing; once it returns, the refund
                 may be acknowledged
- ``pay_back``   moving the money
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, Protocol

from ...contract.emulate.domain_responses import (
    ProviderOrder,
    ProviderRefund,
    ProviderResponse,
    RefundResponse,
    Refusal,
    RefusalKind,
)
from ...core.promises import SamePayloadAnswer
from ...core.recent_dict import RecentDict
from .bank_channel import BackgroundTasks, BankChannel
from .behavior import ProviderBehavior
from .node_identity import NodeIdentity
from .provider_store import ProviderStore

__all__ = ["RefundDesk"]

_REPLAYS = (SamePayloadAnswer.REPLAY_CURRENT, SamePayloadAnswer.REPLAY_ORIGINAL, SamePayloadAnswer.NEW_MOVEMENT)


class RefundingService(Protocol):
    """What a desk needs of the service that it belongs to."""

    MOST_REMEMBERED: ClassVar[int]
    node: NodeIdentity
    store: ProviderStore
    channel: BankChannel
    behavior: ProviderBehavior
    tasks: BackgroundTasks

    def new_id(self, account: str, order_no: str) -> str: ...


class RefundDesk:
    """Handle the refunds of one node."""

    NOT_REFUNDABLE = Refusal(RefusalKind.NOT_REFUNDABLE, "So much of this order cannot be given back.")
    CONFLICT = Refusal(RefusalKind.CONFLICT, "This refund number was used for a refund with another content.")
    DUPLICATE = Refusal(RefusalKind.DUPLICATE_PLAIN, "This refund number was used already.")

    def __init__(self, service: RefundingService) -> None:
        self.service = service
        self.store = service.store.refunds
        self._begun: RecentDict[str, None] = RecentDict(service.MOST_REMEMBERED)
        """Refunds that this life of the node has begun to pay."""

    async def refund(self, order: ProviderOrder, refund_no: str, amount: int) -> ProviderResponse:
        """Take a refund of an order; an ``amount`` of 0 means all of it."""
        wanted = ProviderRefund(
            f"re_{self.service.new_id(order.account, order.order_no)[3:]}", refund_no, order.provider_id, order.account,
            order.order_no, amount or order.amount, order.currency, self.service.node.name,
        )  # fmt: skip
        taken = await self.take(order, wanted)
        if taken is None:
            return self.NOT_REFUNDABLE
        if taken.refund_id == wanted.refund_id:
            self.begin(taken)
            return RefundResponse(taken, again=False)
        if (taken.order_id, taken.amount) != (wanted.order_id, wanted.amount):
            return self.CONFLICT
        replays = self.service.behavior.on_same_refund in _REPLAYS
        return RefundResponse(taken, again=True) if replays else self.DUPLICATE

    async def take(self, order: ProviderOrder, wanted: ProviderRefund) -> ProviderRefund | None:
        """Store a refund unless its number is taken; return the one that stands, ``None`` if it is not possible."""
        return await self.store.take(wanted)

    def begin(self, refund: ProviderRefund) -> None:
        """Begin to pay a refund, once in this life of the node."""
        if refund.refund_id not in self._begun:
            self._begun[refund.refund_id] = None
            self.service.tasks.start(self.pay_back(refund))

    async def pay_back(self, refund: ProviderRefund) -> None:
        """Have the bank move the money; what it refuses is given to it again."""
        while not await self.service.channel.give_back(refund):  # noqa: ASYNC110 - the bank tells nobody when it opens
            await asyncio.sleep(0.1)

    async def resume(self) -> None:
        """Take up what an earlier life of this node, or another database, left unpaid."""
        for refund in await self.store.unpaid(self.service.node.name):
            self.begin(refund)

    def forget(self) -> None:
        """Forget what was begun: another database may lack it."""
        self._begun.clear()
