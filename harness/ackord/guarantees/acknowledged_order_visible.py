"""Judges that no query reports that the order does not exist after the provider said that it has it.

An acknowledgement says so, and so do DUPLICATE and IN_PROGRESS.
"""

from __future__ import annotations

from bisect import bisect_right

from ..core.history import OrderHistory
from ..core.promises import NotFound
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import BUFFER, POLL, RESUBMIT, answer, duration, first_word, request

ID = "acknowledged-order-visible"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    answers = order.answers
    known, known_ns = answers.known, answers.known_ns
    begins = answers.read_begins
    if known is None or known_ns is None or not begins or begins[-1] <= known_ns:
        return NOTHING
    end = len(begins)
    if ctx.exposure_window_ns is not None and begins[-1] > known_ns + ctx.exposure_window_ns:
        end = bisect_right(begins, known_ns + ctx.exposure_window_ns)
    if ctx.promises.key_retention_ns is not None:
        end = min(end, bisect_right(begins, order.submits[0].begin_ns + ctx.promises.key_retention_ns))
    exposures = max(0, end - bisect_right(begins, known_ns))
    if not answers.missing or answers.missing[-1].begin_ns <= known_ns:
        return exposures, ()

    wrong = [x for x in answers.missing if x.begin_ns > known_ns and ctx.remembered(order, x)]
    if not wrong:
        return exposures, ()
    worst = wrong[-1]
    stale_ns = worst.begin_ns - known_ns
    promises = ctx.promises
    result = Result.UNSAFE
    clause = "the contract lets it say so at any time"
    if promises.not_found is NotFound.FORBIDDEN:
        result, clause = Result.VIOLATED, ""
    elif promises.not_found is NotFound.TOLERATED:
        clause = f"the contract tolerates this for {duration(promises.not_found_tolerated_ns)}"
        if stale_ns > promises.not_found_tolerated_ns:
            result = Result.VIOLATED
    since = first_word(known)
    if order.acknowledged_ns == known_ns:
        since += f" ({request(known)})"
    text = f"{request(worst)} began {duration(stale_ns)} after {since} and was answered {answer(worst)}"
    if len(wrong) > 1:
        text += f"; {len(wrong)} queries were, the first {duration(wrong[0].begin_ns - known_ns)} after it"
    if clause:
        text += f"; {clause}"
    policies = (BUFFER, POLL, RESUBMIT) if promises.not_found is NotFound.TOLERATED else (POLL, RESUBMIT)
    return exposures, [
        finding(ID, order, result, text, [known, worst], staleness_ns=stale_ns, safe_policies=policies)
    ]  # fmt: skip


GUARANTEE = Guarantee(
    ID,
    "An acknowledged order is never reported as not found",
    "A query that began after the order was acknowledged, or after the provider called its number DUPLICATE or "
    "IN_PROGRESS, MUST NOT be answered with an observation NOT_FOUND.",
    "The merchant takes not-found for a failure and pays again under a new number: the money is gone twice.",
    judge,
    depends_on="not_found",
    exposure="A query that began after the provider said that it has the order, within the profile's exposure "
    "window and while the number is still remembered.",
)
