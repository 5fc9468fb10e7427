"""Implement flaws of the answer to a resubmission, and of what it sets off."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from ...contract.emulate.domain_responses import (
    OrderResponse,
    ProviderOrder,
    ProviderResponse,
    ReceivedOrder,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ..service.bank_channel import BankOutcome
from ..service.node_identity import NodeIdentity
from ..service.payment_service import PaymentService
from .base import variant


@variant("new-provider-id")
class NewProviderId(PaymentService):
    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        fresh = self.new_id(order.account, order.order_no)
        return await super().replayed(order._replace(provider_id=fresh))


@variant("altered-accepted")
class AlteredAccepted(PaymentService):
    async def conflicting(self, order: ProviderOrder, submission: ReceivedOrder) -> ProviderResponse:
        changed = order._replace(amount=submission.amount, currency=submission.currency, payee=submission.payee)
        await self.store.change(order.provider_id, submission)
        return OrderResponse(changed, ResponseReason.REPLAYED)


@variant("altered-leaks")
class AlteredLeaks(PaymentService):
    async def conflicting(self, order: ProviderOrder, submission: ReceivedOrder) -> ProviderResponse:
        message = f"This order number was used to pay {order.amount} {order.currency} to {order.payee}."
        return Refusal(RefusalKind.CONFLICT, message, order)


@variant("resubmit-reads-failed")
class ResubmitReadsFailed(PaymentService):
    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        return Refusal(RefusalKind.REJECTED, "The order number is a duplicate.")


@variant("replay-status-failed")
class ReplayStatusFailed(PaymentService):
    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        told = order if order.ended else order._replace(status="FAILED")
        return OrderResponse(told, ResponseReason.REPLAYED)


@variant("reexecute-terminal")
class ReexecuteTerminal(PaymentService):
    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        if order.ended:
            self.tasks.start(self._again(order._replace(provider_id=self.new_id(order.account, order.order_no))))
        return await super().replayed(order)

    async def _again(self, order: ProviderOrder) -> None:
        outcome = await self.channel.pay(order)
        if outcome is BankOutcome.UNKNOWN:
            await self.unknown_outcome(order)


@variant("transient-cached")
class TransientCached(PaymentService):
    """Repeat a transient error, which is allowed only where a contract says so."""

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node._replace(behavior=replace(node.behavior, caches_transient_errors=True)))


class _NumberTaken(PaymentService):
    """Answer a number that met the transient error in one way from then on."""

    TAKEN: ClassVar[Refusal]

    def submit_seen(self, account: str, submission: ReceivedOrder) -> Refusal | None:
        if (account, submission.order_no) in self.was_busy:
            return self.TAKEN
        return super().submit_seen(account, submission)


@variant("number-burnt")
class NumberBurnt(_NumberTaken):
    TAKEN = Refusal(RefusalKind.REJECTED, "This order number has failed already.")


@variant("number-locked")
class NumberLocked(_NumberTaken):
    TAKEN = Refusal(RefusalKind.IN_PROGRESS, "An earlier request with this order number is still being worked on.")
