"""Add a sandbox's triggers to any variant of the provider: an order that pulls one goes the way that is declared."""

from __future__ import annotations

import asyncio

from ...contract.emulate.domain_responses import (
    STATES,
    ProviderOrder,
    ProviderResponse,
    ReceivedOrder,
    Refusal,
    RefusalKind,
)
from ...core.operation import Observation
from ...core.payment_state import NO_MONEY, PaymentState
from ...core.recent_dict import MOST_REMEMBERED, RecentDict
from ...core.sandbox_trigger import TriggerPromise
from .bank_channel import ATTEMPTS_THAT_TIME_OUT
from .behavior import ProviderBehavior
from .node_identity import NodeIdentity
from .payment_service import PaymentService

__all__ = ["with_triggers"]

PAUSE_S = 0.04
"""Between two states of an order that pulls a trigger."""
_STATUS = {state: status for status, state in STATES.items()}
_S = PaymentState


class _Triggered(PaymentService):
    """The seams that a trigger enters at; mixed into a variant, whose own come after these."""

    def __init__(self, node: NodeIdentity) -> None:
        super().__init__(node)
        self._put_off: RecentDict[tuple[str, str], None] = RecentDict(MOST_REMEMBERED)

    async def submit(self, account: str, submission: ReceivedOrder, body: bytes = b"") -> ProviderResponse:
        trigger = self._trigger_of(account, submission)
        if trigger is not None:
            refusal = self._refused(trigger, (account, submission.order_no))
            if refusal is not None:
                return refusal
        reply: ProviderResponse = await super().submit(account, submission, body)
        return reply

    def _trigger_of(self, account: str, submission: ReceivedOrder) -> TriggerPromise | None:
        node: NodeIdentity = self.node
        by_header = self.sandbox.pulled.get((account, submission.order_no))
        for trigger in node.behavior.triggers:
            if by_header == trigger.name or trigger.pulled_by(submission.amount, submission.payee):
                return trigger
        return None

    def _refused(self, trigger: TriggerPromise, key: tuple[str, str]) -> Refusal | None:
        """Return what a submit is answered instead of being taken."""
        if trigger.answers is Observation.REJECTED:
            return Refusal(RefusalKind.REJECTED, "The sandbox refuses this order.")
        if trigger.answers not in (Observation.RETRYABLE, Observation.IN_PROGRESS) or key in self._put_off:
            return None
        if trigger.leads_to is not None:
            self._put_off[key] = None  # once; the next attempt is taken
        if trigger.answers is Observation.IN_PROGRESS:
            return Refusal(RefusalKind.IN_PROGRESS, "The sandbox is still at work on this order.")
        busy: Refusal = self.BUSY
        return busy

    async def execute(self, order: ProviderOrder) -> None:
        trigger = self._trigger_of(order.account, order.submission)
        if trigger is None or trigger.leads_to is None:
            await super().execute(order)
            return
        if trigger.leads_to is _S.RECEIVED:
            return
        await self.advance(order, "PROCESSING")
        paid = False
        for state in (*trigger.passes, trigger.leads_to):
            if state in (_S.RECEIVED, _S.PROCESSING):
                continue
            await asyncio.sleep(PAUSE_S)
            paid = await self._enter(order, state, paid)

    async def _enter(self, order: ProviderOrder, state: PaymentState, paid: bool) -> bool:
        """Bring the order into a state with what belongs to it; return whether it is paid then."""
        if state is _S.SUCCEEDED:
            await self.conclude(order, await self.instruct(order, ATTEMPTS_THAT_TIME_OUT + 1))
            return True
        if paid:
            await self.channel.send_back(order)
        before = ("PAID",) if paid else ("ACCEPTED", "PROCESSING")
        if state in NO_MONEY or state is _S.RETURNED:
            await self.write(order, _STATUS[state], before)
        return False


def with_triggers(service: type[PaymentService], behavior: ProviderBehavior) -> type[PaymentService]:
    """Return a variant whose sandbox has the triggers of its ``behavior``; itself if its sandbox has none."""
    if not behavior.triggers or not getattr(service, "obeys_triggers", True):
        return service
    return type(service.__name__, (_Triggered, service), {})
