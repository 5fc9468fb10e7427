"""Judges that a transient error is not cached as the answer to the number, unless the contract declares it.

The same error repeated while a fault is active proves nothing. The proof is that at least two resubmissions after the
healing of all faults get exactly the first error, and no other answer was given since. If a query after healing gets
that error, too, the provider is busy on its own, or limits the rate: then it proves nothing.
"""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, duration, request

ID = "errors-not-replayed"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.answers.doubted or len(order.submits) < 2 or ctx.held_open(order):
        return NOTHING
    own = order.answers.own
    errors = [x for x in own if x.observation is Observation.RETRYABLE]
    if not errors:
        return NOTHING
    first = min(errors, key=lambda x: x.complete_ns or 0)
    assert first.complete_ns is not None
    later = [x for x in own if x.begin_ns > first.complete_ns and x.observation is not Observation.UNREADABLE]
    same = [x for x in later if x.observation is Observation.RETRYABLE and x.detail == first.detail]
    if len(same) < len(later):
        return 1, ()
    healed = [x for x in same if ctx.healed_ns is not None and x.begin_ns > ctx.healed_ns]
    if len(healed) < 2 or order.acks or _queries_get(first.detail, order, ctx):
        return NOTHING
    last = healed[-1]
    stale_ns = last.begin_ns - first.complete_ns
    text = (
        f"{request(first)} was answered {answer(first)}; {len(healed)} resubmissions after all faults were "
        "healed got the same words, "
        f"the last {duration(stale_ns)} later: the error is the number's answer"
    )
    return 1, [finding(ID, order, Result.VIOLATED, text, [first, *healed[-3:]], staleness_ns=stale_ns)]


def _queries_get(words: str, order: OrderHistory, ctx: JudgeContext) -> bool:
    """Whether a query after healing was turned away in the same words."""
    return any(
        x.kind is OperationKind.QUERY
        and x.observation is Observation.RETRYABLE
        and x.detail == words
        and ctx.healed_ns is not None
        and x.begin_ns > ctx.healed_ns
        for x in order.exchanges
    )


def _unless(promises: Promises) -> str:
    return "the contract declares that transient errors are cached" if promises.caches_transient_errors else ""


GUARANTEE = Guarantee(
    ID,
    "A transient error is not the number's answer for ever",
    "After a transient error, a resubmission with the same payload MUST be processed, not answered with "
    "the stored error, unless the contract declares that.",
    "The merchant's retries can never succeed; he gives up, takes a new number, and the first one may still be paid.",
    judge,
    _unless,
    depends_on="caches_transient_errors",
    exposure="An order that met a transient error and got another answer later, or the same words in at least two "
    "resubmissions after healing and in no query.",
)
