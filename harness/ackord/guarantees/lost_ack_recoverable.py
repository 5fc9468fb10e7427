"""Judges that a resubmission after a lost, truncated or late acknowledgement reaches the original order."""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.promises import SamePayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, truly_failed, worst_of
from .wording import POLL, answer, duration, request

ID = "lost-ack-recoverable"

_NO_EVIDENCE = (None, Observation.IN_PROGRESS, Observation.RETRYABLE, Observation.UNREADABLE)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if len(order.submits) < 2:
        return NOTHING
    for lost in order.acks:  # read by position (delivered, copy), because this runs for every order of a run
        if not lost[14] and not lost[1]:
            break
    else:
        return NOTHING
    if lost.complete_ns is None:
        return NOTHING
    judged = [
        x
        for x in order.attempts
        if x.begin_ns > lost.complete_ns
        and x.fingerprint == order.fingerprint
        and x.observation not in _NO_EVIDENCE
        and ctx.remembered(order, x)
    ]
    found = [f for x in judged if (f := _wrong(order, ctx, lost, x)) is not None]
    return len(judged), worst_of(found)


def _wrong(order: OrderHistory, ctx: JudgeContext, lost: Exchange, x: Exchange) -> Finding | None:
    promised = ctx.promises.on_same_payload
    result = Result.UNSAFE if promised is SamePayloadAnswer.NEW_MOVEMENT else Result.VIOLATED
    if x.provider_id is not None and lost.provider_id is not None and x.provider_id != lost.provider_id:
        what = f"with another order, {x.provider_id} instead of {lost.provider_id}"
    elif x.observation in (Observation.ACK, Observation.STATUS):
        if ctx.promises.asks_by_number or x.provider_id is not None or lost.provider_id is None:
            return None
        result, what = Result.UNSAFE, f"{answer(x)}, without the identifier that orders are queried by"
    elif x.observation is Observation.DUPLICATE:
        if x.provider_id is not None:
            return None
        what = f"{answer(x)}, without a pointer to the original"
        if promised is SamePayloadAnswer.REJECT_PLAIN:
            if ctx.promises.asks_by_number:
                return None  # a query by the number leads to the order
            result, what = Result.UNSAFE, f"{what}, and orders cannot be queried by number: no way leads to it"
    elif truly_failed(order):
        return None
    else:
        what = f"{answer(x)}, which reads as failed"
        if promised is SamePayloadAnswer.REJECT_PLAIN:
            result = Result.UNSAFE
    stale_ns = x.begin_ns - (lost.complete_ns or 0)
    text = (
        f"the acknowledgement of {request(lost)} never reached the merchant; {request(x)} repeated the "
        f"payload {duration(stale_ns)} later "
        f"and was answered {what}"
    )
    return finding(ID, order, result, text, [lost, x], staleness_ns=stale_ns, safe_policies=(POLL,))


GUARANTEE = Guarantee(
    ID,
    "A lost acknowledgement can be recovered",
    "After an acknowledgement that did not reach the merchant, a resubmission with the same payload MUST "
    "arrive at the original order.",
    "After a time-out the merchant can only ask again; if that does not lead back to the first order, "
    "the doubt is paid for twice.",
    judge,
    depends_on="on_same_payload",
    exposure="An answered resubmission that began after an acknowledgement which never reached the merchant.",
)
