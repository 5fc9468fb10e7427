"""Judges that a resubmission with the same payload gets the same order: its current or its original answer, never one
that reads as failed.

Only resubmissions that began after the provider said that it has the order are judged, and only while the number must
be remembered. One that is answered DUPLICATE says so itself: it is judged if an earlier attempt had been answered. An
answer that decides nothing (IN_PROGRESS, RETRYABLE, UNREADABLE) is no evidence. A refusal of an order that has truly
failed is correct.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.payment_state import NO_MONEY, PaymentState
from ..core.promises import SamePayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, known_id, truly_failed, worst_of
from .wording import POLL, amount, answer, duration, request

ID = "resubmission-same-order"

_NO_EVIDENCE = (None, Observation.IN_PROGRESS, Observation.RETRYABLE, Observation.UNREADABLE)
_READS_AS_FAILED = (Observation.REJECTED, Observation.CONFLICT, Observation.NOT_FOUND)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if len(order.submits) < 2 or (known_ns := order.known_ns) is None:
        return NOTHING
    own = order.answers.own
    if not own:
        return NOTHING
    first = order.acks[0] if order.acks else min(own, key=_completed)
    judged = [
        x
        for x in own
        if x.begin_ns > _completed(first)
        and (x.begin_ns > known_ns or x.observation is Observation.DUPLICATE)
        and x.observation not in _NO_EVIDENCE
        and ctx.remembered(order, x)
    ]
    if not judged:
        return NOTHING
    original_id = known_id(order)
    found = [f for x in judged if (f := _wrong(order, ctx, x, original_id, first)) is not None]
    return len(judged), worst_of(found)


def _completed(x: Exchange) -> int:
    return x.complete_ns or 0


def _wrong(
    order: OrderHistory, ctx: JudgeContext, x: Exchange, original_id: str | None, first: Exchange
) -> Finding | None:
    promised = ctx.promises.on_same_payload
    other_id = x.provider_id is not None and original_id is not None and x.provider_id != original_id
    result = Result.VIOLATED
    if promised is SamePayloadAnswer.NEW_MOVEMENT:
        result = Result.UNSAFE
    if other_id:
        what = f"with another order, {x.provider_id} instead of {original_id}"
    elif x.observation in _READS_AS_FAILED or x.state in NO_MONEY:
        if truly_failed(order) or ctx.edges.declared(PaymentState.SUCCEEDED, x.state):
            return None
        what = f"{answer(x)}, which reads as failed"
        if promised is SamePayloadAnswer.REJECT_PLAIN:
            result = Result.UNSAFE
    elif x.observation is Observation.DUPLICATE:
        if x.provider_id is not None or promised is SamePayloadAnswer.NEW_MOVEMENT:
            return None
        what = f"{answer(x)}, without a pointer to the original"
        if promised in (SamePayloadAnswer.REPLAY_ORIGINAL, SamePayloadAnswer.REPLAY_CURRENT):
            what += ", where the contract promises its answer"
        if promised is SamePayloadAnswer.REJECT_PLAIN:
            result = Result.UNSAFE
    elif x.amount_minor is not None and x.sent_amount_minor is not None and x.amount_minor != x.sent_amount_minor:
        what = f"with {amount(x.amount_minor)} for the {amount(x.sent_amount_minor)} that were sent"
    else:
        return None
    stale_ns = x.begin_ns - _completed(first)
    if order.acks:
        since = "repeated the acknowledged payload {} after the acknowledgement"
    else:
        since = f"repeated the payload {{}} after {request(first)} was answered {answer(first)}"
    text = f"{request(x)} {since.format(duration(stale_ns))} and was answered {what}"
    return finding(ID, order, result, text, [first, x], staleness_ns=stale_ns, safe_policies=(POLL,))


GUARANTEE = Guarantee(
    ID,
    "A resubmission arrives at the same order",
    "A resubmission of an order that the provider has, with the same payload, MUST be answered as the contract "
    "declares, with the same order, and MUST "
    "NOT read as failed.",
    "Resubmitting under the original number is the one safe way out of doubt; it is worth nothing if it "
    "makes a new order or reads as a failure.",
    judge,
    depends_on="on_same_payload",
    exposure="An answered resubmission of the same payload that began after the first answer and after the "
    "provider said that it has the order.",
)
