"""Implement flaws of taking orders back and of giving money back."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import ProviderOrder, ProviderRefund
from ..service.bank_channel import BankOutcome
from ..service.payment_service import PaymentService
from ..service.refund_desk import RefundDesk
from .base import variant

__all__: list[str] = []


@variant("cancelled-and-paid")
class CancelledAndPaid(PaymentService):
    """Write CANCELLED, and stop nothing: the instruction to the bank was queued with the order."""

    async def taken_back(self, order: ProviderOrder) -> bool:
        cancelled = await super().taken_back(order)
        if cancelled:
            self.tasks.start(self._paid_all_the_same(order))
        return cancelled

    async def _paid_all_the_same(self, order: ProviderOrder) -> None:
        if await self.instruct(order) is BankOutcome.UNKNOWN:
            await self.unknown_outcome(order)


@variant("late-cancel-acknowledged")
class LateCancelAcknowledged(PaymentService):
    """Answer every cancel with CANCELLED, also one that came too late to change anything."""

    async def taken_back(self, order: ProviderOrder) -> bool:
        await super().taken_back(order)
        return True


class _UncheckedDesk(RefundDesk):
    """Store refunds without the function that checks them."""

    async def fits(self, order: ProviderOrder, wanted: ProviderRefund) -> bool:
        """Whether so much of the order is left."""
        given_back = await self.store.given_back(wanted.order_id)
        return order.status == "PAID" and given_back + wanted.amount <= order.amount

    async def add(self, order: ProviderOrder, wanted: ProviderRefund) -> ProviderRefund | None:
        """Store a refund, however little is left; one whose number is known stands."""
        return wanted if await self.store.add(wanted) else await super().take(order, wanted)


class _EachRequestDesk(_UncheckedDesk):
    async def take(self, order: ProviderOrder, wanted: ProviderRefund) -> ProviderRefund | None:
        return await self.add(order, wanted) if await self.fits(order, wanted) else None


@variant("refund-resubmitted-twice")
class RefundResubmittedTwice(PaymentService):
    """Never look whether a refund's number is known."""

    refund_desk = _EachRequestDesk
    unique_refunds = False


class _OwnAmountDesk(_UncheckedDesk):
    async def take(self, order: ProviderOrder, wanted: ProviderRefund) -> ProviderRefund | None:
        return await self.add(order, wanted) if order.status == "PAID" else None


@variant("refund-over-amount")
class RefundOverAmount(PaymentService):
    """Compare nothing: what is left of the order is nobody's business."""

    refund_desk = _OwnAmountDesk


class _CheckThenStoreDesk(_UncheckedDesk):
    CHECKS_S = 0.005
    """What happens between the check and the insert."""

    async def take(self, order: ProviderOrder, wanted: ProviderRefund) -> ProviderRefund | None:
        if not await self.fits(order, wanted):
            return await super().take(order, wanted)
        await asyncio.sleep(self.CHECKS_S)
        return await self.add(order, wanted)


@variant("refunds-at-once-both-pass")
class RefundsAtOnceBothPass(PaymentService):
    """Check what is left of the order, and store the refund a few milliseconds later, without a lock on the order."""

    refund_desk = _CheckThenStoreDesk


class _ForgetfulDesk(RefundDesk):
    async def pay_back(self, refund: ProviderRefund) -> None:
        if not self.service.node.seed.hits(0.25, "refund-lost", refund.refund_no):
            await super().pay_back(refund)


@variant("refund-lost")
class RefundLost(PaymentService):
    """Acknowledge refunds, and lose one in four on the way to the bank."""

    refund_desk = _ForgetfulDesk
