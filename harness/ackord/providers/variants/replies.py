"""Flaws of what a resubmission is answered, or sets off."""

from __future__ import annotations

from dataclasses import replace

from ...contract.emulate.meanings import Order, Refusal, RefusalKind, Reply, Submission, Telling, Told
from ..service.channel import Outcome
from ..service.service import Node, Service, ended
from .base import variant


@variant("new-provider-id")
class NewProviderId(Service):
    async def replayed(self, order: Order) -> Reply:
        fresh = self.new_id(order.account, order.order_no)
        return await super().replayed(order._replace(provider_id=fresh))


@variant("altered-accepted")
class AlteredAccepted(Service):
    _CHANGE = "UPDATE orders SET amount = $2, currency = $3, payee = $4 WHERE provider_id = $1"

    async def conflicting(self, order: Order, submission: Submission) -> Reply:
        changed = order._replace(amount=submission.amount, currency=submission.currency, payee=submission.payee)
        await self.store.orders.row(self._CHANGE, order.provider_id, *submission[1:])
        return Told(changed, Telling.REPLAYED)


@variant("altered-leaks")
class AlteredLeaks(Service):
    async def conflicting(self, order: Order, submission: Submission) -> Reply:
        message = f"This order number was used to pay {order.amount} {order.currency} to {order.payee}."
        return Refusal(RefusalKind.CONFLICT, message, order)


@variant("resubmit-reads-failed")
class ResubmitReadsFailed(Service):
    async def replayed(self, order: Order) -> Reply:
        return Refusal(RefusalKind.REJECTED, "The order number is a duplicate.")


@variant("replay-status-failed")
class ReplayStatusFailed(Service):
    async def replayed(self, order: Order) -> Reply:
        told = order if ended(order) else order._replace(status="FAILED")
        return Told(told, Telling.REPLAYED)


@variant("reexecute-terminal")
class ReexecuteTerminal(Service):
    async def replayed(self, order: Order) -> Reply:
        if ended(order):
            self.tasks.start(self._again(order._replace(provider_id=self.new_id(order.account, order.order_no))))
        return await super().replayed(order)

    async def _again(self, order: Order) -> None:
        outcome = await self.channel.pay(order)
        if outcome is Outcome.UNKNOWN:
            await self.unknown_outcome(order)


@variant("transient-cached")
class TransientCached(Service):
    """It does what it may only do where a contract says so."""

    def __init__(self, node: Node) -> None:
        super().__init__(node._replace(manners=replace(node.manners, caches_transient_errors=True)))
