"""Judges that no query that began after the acknowledgement reports that the order does not exist."""

from __future__ import annotations

from bisect import bisect_right

from ..core.history import OrderHistory
from ..core.promises import NotFound
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import BUFFER, POLL, RESUBMIT, answer, duration, request

ID = "acknowledged-order-visible"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    answers = order.answers
    acked_ns = answers.acked_ns
    begins = answers.read_begins
    if acked_ns is None or not begins or begins[-1] <= acked_ns:
        return NOTHING
    end = len(begins)
    if ctx.exposure_window_ns is not None and begins[-1] > acked_ns + ctx.exposure_window_ns:
        end = bisect_right(begins, acked_ns + ctx.exposure_window_ns)
    if ctx.promises.key_retention_ns is not None:
        end = min(end, bisect_right(begins, order.submits[0].begin_ns + ctx.promises.key_retention_ns))
    exposures = max(0, end - bisect_right(begins, acked_ns))
    if not answers.missing or answers.missing[-1].begin_ns <= acked_ns:
        return exposures, ()

    wrong = [x for x in answers.missing if x.begin_ns > acked_ns and ctx.remembered(order, x)]
    if not wrong:
        return exposures, ()
    ack, worst = order.acks[0], wrong[-1]
    stale_ns = worst.begin_ns - acked_ns
    promises = ctx.promises
    result = Result.UNSAFE
    clause = "the contract lets it say so at any time"
    if promises.not_found is NotFound.FORBIDDEN:
        result, clause = Result.VIOLATED, ""
    elif promises.not_found is NotFound.TOLERATED:
        clause = f"the contract tolerates this for {duration(promises.not_found_tolerated_ns)}"
        if stale_ns > promises.not_found_tolerated_ns:
            result = Result.VIOLATED
    text = (
        f"{request(worst)} began {duration(stale_ns)} after the acknowledgement ({request(ack)}) and was "
        f"answered {answer(worst)}"
    )
    if len(wrong) > 1:
        text += f"; {len(wrong)} queries were, the first {duration(wrong[0].begin_ns - acked_ns)} after it"
    if clause:
        text += f"; {clause}"
    policies = (BUFFER, POLL, RESUBMIT) if promises.not_found is NotFound.TOLERATED else (POLL, RESUBMIT)
    return exposures, [
        finding(ID, order, result, text, [ack, worst], staleness_ns=stale_ns, safe_policies=policies)
    ]  # fmt: skip


GUARANTEE = Guarantee(
    ID,
    "An acknowledged order is never reported as not found",
    "A query that began after the order was acknowledged MUST NOT be answered with an observation NOT_FOUND.",
    "The merchant takes not-found for a failure and pays again under a new number: the money is gone twice.",
    judge,
    depends_on="not_found",
)
