"""Judges that a resubmission with another payload is refused as declared, and neither changes nor discloses the
original order.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.promises import OtherPayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, known_id, worst_of
from .wording import POLL, amount, answer, request

ID = "conflicting-resubmission-refused"

_NO_EVIDENCE = (None, Observation.IN_PROGRESS, Observation.RETRYABLE, Observation.UNREADABLE)
_ACKED = "the acknowledged number"
_ACCEPTS = (Observation.ACK, Observation.STATUS)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.answers.altered or len(order.submits) < 2 or (acked_ns := order.acknowledged_ns) is None:
        return NOTHING
    altered = [
        x
        for x in order.attempts
        if x.fingerprint != order.fingerprint and _comes_second(order, x, acked_ns) and ctx.remembered(order, x)
    ]
    if not altered:
        return NOTHING
    judged = [x for x in altered if x.observation not in _NO_EVIDENCE]
    found = [f for x in judged if (f := _wrong(order, ctx, x)) is not None]
    if (
        ctx.promises.on_other_payload is not OtherPayloadAnswer.NEW_MOVEMENT
        and (changed := _changed(order, altered[0])) is not None
    ):
        found.append(changed)
    return len(judged), worst_of(found)


def _comes_second(order: OrderHistory, x: Exchange, acked_ns: int) -> bool:
    """Return whether another payload came after the acknowledgement, or while the acknowledged submit was in flight."""
    return x.begin_ns > acked_ns or (x.complete_ns is not None and x.complete_ns >= order.acks[0].begin_ns)


def _wrong(order: OrderHistory, ctx: JudgeContext, x: Exchange) -> Finding | None:
    """Return what is wrong with the answer to an altered payload."""
    declared = ctx.promises.on_other_payload
    original = order.submits[0].sent_amount_minor
    result = Result.VIOLATED
    if x.observation in _ACCEPTS:
        what = f"accepted: {answer(x)}"
        original_id = known_id(order)
        if declared is OtherPayloadAnswer.NEW_MOVEMENT:
            result, what = Result.UNSAFE, f"{what}; the contract takes another payload for another order"
        elif declared is OtherPayloadAnswer.REPLAY_ORIGINAL and (
            original_id is None or x.provider_id in (None, original_id)
        ):
            result, what = Result.UNSAFE, f"{what}; the contract answers with the original, whose payload it is not"
    elif original is not None and x.amount_minor == original and x.sent_amount_minor not in (None, original):
        what = f"refused ({answer(x)}), but the refusal names the original's amount, {amount(original)}"
    else:
        return None
    sent = f" ({amount(x.sent_amount_minor)} instead of {amount(original)})" if x.sent_amount_minor != original else ""
    in_flight = x.begin_ns <= (order.acknowledged_ns or 0)
    under = "the number of an order that was in flight, which was acknowledged too," if in_flight else _ACKED
    text = f"{request(x)} carried another payload{sent} under {under} and was {what}"
    return finding(ID, order, result, text, [order.acks[0], x], safe_policies=(POLL,))


def _changed(order: OrderHistory, altered: Exchange) -> Finding | None:
    """Find a query after the altered payload that shows an altered amount. Any other amount is not of its doing."""
    original = order.submits[0].sent_amount_minor
    if original is None:
        return None
    sent = {x.sent_amount_minor for x in order.submits if x.fingerprint != order.fingerprint}
    amounts_before = {
        x.amount_minor
        for x in order.exchanges
        if x.complete_ns is not None and x.complete_ns < altered.begin_ns and x.kind is not OperationKind.REFUND
    }
    for q in order.queries:
        if q.begin_ns <= altered.begin_ns or q.observation is not Observation.STATUS:
            continue
        if q.amount_minor not in (None, original) and q.amount_minor in sent - amounts_before:
            text = (
                f"{request(altered)} carried another payload under the acknowledged number; {request(q)} then "
                "showed the order with "
                f"{amount(q.amount_minor)} instead of {amount(original)}"
            )
            return finding(ID, order, Result.VIOLATED, text, [order.acks[0], altered, q])
    return None


GUARANTEE = Guarantee(
    ID,
    "Another payload under the same number is refused",
    "A submit that carries an acknowledged number with another payload MUST be refused as the contract "
    "declares, MUST NOT change the original, and "
    "its answer MUST NOT reveal the original.",
    "A slip in the merchant's numbering pays the wrong amount, or shows one customer's payment to another.",
    judge,
    depends_on="on_other_payload",
    exposure="An answered attempt with another payload that began after the acknowledgement, or was in flight "
    "together with the acknowledged one.",
)
