"""Judges that an order which one query showed is shown by all later queries, whether acknowledged or not."""

from __future__ import annotations

from bisect import bisect_right

from ..core.history import OrderHistory
from ..core.operation import OperationKind
from ..core.promises import NotFound
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import POLL, RESUBMIT, answer, duration, request

ID = "observed-order-stays-visible"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    answers = order.answers
    seen_ns = answers.first_seen_ns
    begins = answers.read_begins
    if seen_ns is None or begins[-1] <= seen_ns:
        return NOTHING
    exposures = len(begins) - bisect_right(begins, seen_ns)
    if not answers.missing or answers.missing[-1].begin_ns <= seen_ns:
        return exposures, ()

    wrong = [x for x in answers.missing if x.begin_ns > seen_ns and ctx.remembered(order, x)]
    if not wrong:
        return exposures, ()
    first = next(x for x in answers.states if x.complete_ns == seen_ns and x.kind is OperationKind.QUERY)
    worst = wrong[-1]
    stale_ns = worst.begin_ns - seen_ns
    text = (
        f"{request(first)} showed the order ({answer(first)}); {request(worst)} began {duration(stale_ns)} "
        "later and was "
        f"answered {answer(worst)}"
    )
    forbidden = ctx.promises.not_found is NotFound.FORBIDDEN
    return exposures, [
        finding(
            ID, order, Result.VIOLATED if forbidden else Result.UNSAFE, text, [first, worst],
            staleness_ns=stale_ns, safe_policies=(POLL, RESUBMIT),
        )
    ]  # fmt: skip


GUARANTEE = Guarantee(
    ID,
    "An order that was once shown does not vanish again",
    "After a query has shown the order, a query that began later MUST NOT be answered with an observation NOT_FOUND.",
    "Nodes that disagree answer by turns; a merchant who hits the stale one concludes that the order was "
    "rolled back, and pays again.",
    judge,
    depends_on="not_found",
    exposure="A query that began after another query had shown the order.",
)
