"""Judges that a resubmission with the same payload gets the same order: its current or its original answer, never one
that reads as failed.

Only resubmissions that began after the first acknowledgement are judged, and only while the number must be remembered.
An answer that decides nothing (IN_PROGRESS, RETRYABLE, UNREADABLE) is no evidence. A refusal of an order that has truly
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
    if len(order.submits) < 2 or (acked_ns := order.acknowledged_ns) is None:
        return NOTHING
    judged = [
        x
        for x in order.submits
        if x.begin_ns > acked_ns
        and x.fingerprint == order.fingerprint
        and x.observation not in _NO_EVIDENCE
        and ctx.remembered(order, x)
    ]
    if not judged:
        return NOTHING
    original_id = known_id(order)
    found = [f for x in judged if (f := _wrong(order, ctx, x, original_id, acked_ns)) is not None]
    return len(judged), worst_of(found)


def _wrong(
    order: OrderHistory, ctx: JudgeContext, x: Exchange, original_id: str | None, acked_ns: int
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
        if x.provider_id is not None or promised not in (
            SamePayloadAnswer.REJECT_WITH_POINTER,
            SamePayloadAnswer.REJECT_PLAIN,
        ):
            return None
        what = f"{answer(x)}, without a pointer to the original"
        if promised is SamePayloadAnswer.REJECT_PLAIN:
            result = Result.UNSAFE
    elif x.amount_minor is not None and x.sent_amount_minor is not None and x.amount_minor != x.sent_amount_minor:
        what = f"with {amount(x.amount_minor)} for the {amount(x.sent_amount_minor)} that were sent"
    else:
        return None
    stale_ns = x.begin_ns - acked_ns
    text = (
        f"{request(x)} repeated the acknowledged payload {duration(stale_ns)} after the acknowledgement and "
        f"was answered {what}"
    )
    return finding(ID, order, result, text, [order.acks[0], x], staleness_ns=stale_ns, safe_policies=(POLL,))


GUARANTEE = Guarantee(
    ID,
    "A resubmission arrives at the same order",
    "A resubmission of an acknowledged order with the same payload MUST be answered as the contract "
    "declares, with the same order, and MUST "
    "NOT read as failed.",
    "Resubmitting under the original number is the one safe way out of doubt; it is worth nothing if it "
    "makes a new order or reads as a failure.",
    judge,
    depends_on="on_same_payload",
)
