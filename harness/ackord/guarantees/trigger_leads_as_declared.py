"""Judges that an order that pulls a trigger of the sandbox is answered, and ends, as the contract declares.

What is wrong is the contract or the sandbox, and this tells that one of them is; whether the way there was right, the
other guarantees judge. The end is read when everything has settled, from the last answer that shows the order. An order
that was refused, in an answer that proves it, has ended without money.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.payment_state import NO_MONEY
from ..core.promises import Promises
from ..core.sandbox_trigger import TriggerPromise
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, duration, request

ID = "trigger-leads-as-declared"

_TAKEN = (Observation.ACK, Observation.STATUS, Observation.DUPLICATE)
_UNKNOWN = (None, Observation.UNREADABLE)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    trigger = ctx.trigger_of(order) if ctx.promises.triggers else None
    if trigger is None:
        return NOTHING
    exposures = 0
    first = next((x for x in order.attempts if x.observation not in _UNKNOWN), None)
    if trigger.answers is not None and first is not None and first.kind is OperationKind.SUBMIT:
        exposures += 1
        if first.observation is not trigger.answers:
            return exposures, [_found(order, trigger, first, f"answers {trigger.answers.value}", [first])]
    if trigger.leads_to is None or not ctx.complete or ctx.healed_ns is None:
        return exposures, ()
    return _end(order, ctx, trigger, exposures)


def _end(order: OrderHistory, ctx: JudgeContext, trigger: TriggerPromise, exposures: int) -> Judgement:
    """Judge the state in which the order was last seen."""
    expected = trigger.leads_to
    assert expected is not None
    states, acks = order.answers.states, order.acks
    what = f"leads_to {expected.name}"
    if not acks and not states:
        refused = next((x for x in order.submits if x.definite), None)
        if refused is None:
            return exposures, ()  # nobody knows what became of it; other guarantees ask why
        wrong = expected not in NO_MONEY
        return exposures + 1, [_found(order, trigger, refused, what, [refused])] if wrong else ()
    if not states:
        return exposures, ()
    last = max(states, key=lambda x: x.complete_ns or 0)
    if last.state is expected:
        return exposures + 1, ()
    acked_ns = order.acknowledged_ns or 0
    over = last.begin_ns > (acked_ns + trigger.within_ns if trigger.within_ns is not None else ctx.healed_ns or 0)
    if not over:
        return exposures, ()
    since = f", {duration(last.begin_ns - acked_ns)} after the acknowledgement" if acks else ""
    return exposures + 1, [_found(order, trigger, last, what, [*acks[:1], last], since)]


def _found(
    order: OrderHistory, trigger: TriggerPromise, x: Exchange, what: str, proof: list[Exchange], since: str = ""
) -> Finding:
    text = (
        f"the order pulls the trigger {trigger.name}, of which the contract says {what}, and {request(x)} was answered "
        f"{answer(x)}{since}: either the contract (sandbox_triggers.{trigger.name}) or the sandbox is wrong"
    )
    return finding(ID, order, Result.VIOLATED, text, proof)


def _nothing_declared(promises: Promises) -> str:
    return "" if promises.triggers else "the contract declares no sandbox_triggers"


GUARANTEE = Guarantee(
    ID,
    "A sandbox's trigger does what is declared",
    "An order that pulls a trigger of the sandbox MUST be answered, and MUST end, as the contract declares.",
    "A test of declines that never saw one passes, and the first real decline is met by code that nobody ever ran.",
    judge,
    _nothing_declared,
    place="sandbox_triggers",
    exposure="An order that pulled a trigger: its first answer, where the contract declares that, and its last state "
    "after healing.",
)
