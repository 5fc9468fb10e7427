"""Flaws of what a resubmission is answered, or sets off."""

from __future__ import annotations

from ..channel import Outcome
from ..service import Answer, Service, Submission, ended, problem, shown
from ..store import Order
from .base import variant


@variant("new-provider-id")
class NewProviderId(Service):
    async def replayed(self, order: Order) -> Answer:
        fresh = self.new_id(order.account, order.order_no)
        return Answer(200, shown(order._replace(provider_id=fresh)), replayed=True)


@variant("altered-accepted")
class AlteredAccepted(Service):
    _CHANGE = "UPDATE orders SET amount = $2, currency = $3, payee = $4 WHERE provider_id = $1"

    async def conflicting(self, order: Order, submission: Submission) -> Answer:
        changed = order._replace(amount=submission.amount, currency=submission.currency, payee=submission.payee)
        await self.store.orders.row(self._CHANGE, order.provider_id, *submission[1:])
        return Answer(200, shown(changed), replayed=True)


@variant("altered-leaks")
class AlteredLeaks(Service):
    async def conflicting(self, order: Order, submission: Submission) -> Answer:
        message = f"This order number was used to pay {order.amount} {order.currency} to {order.payee}."
        return problem(409, "ORDER_CONFLICT", message, amount=order.amount, payee=order.payee)


@variant("resubmit-reads-failed")
class ResubmitReadsFailed(Service):
    async def replayed(self, order: Order) -> Answer:
        return problem(400, "INVALID_REQUEST", "The order number is a duplicate.")


@variant("replay-status-failed")
class ReplayStatusFailed(Service):
    async def replayed(self, order: Order) -> Answer:
        told = order if ended(order) else order._replace(status="FAILED")
        return Answer(200, shown(told), replayed=True)


@variant("reexecute-terminal")
class ReexecuteTerminal(Service):
    async def replayed(self, order: Order) -> Answer:
        if ended(order):
            self.tasks.start(self._again(order._replace(provider_id=self.new_id(order.account, order.order_no))))
        return await super().replayed(order)

    async def _again(self, order: Order) -> None:
        outcome = await self.channel.pay(order)
        if outcome is Outcome.UNKNOWN:
            await self.unknown_outcome(order)


@variant("transient-cached")
class TransientCached(Service):
    def submit_seen(self, account: str, submission: Submission) -> Answer | None:
        refused = super().submit_seen(account, submission)
        return self.BUSY if (account, submission.order_no) in self.was_busy else refused
