"""Judges that later answers never know less than earlier ones, except along declared edges."""

from __future__ import annotations

from bisect import bisect_right

from ..core.history import OrderHistory
from ..core.payment_state import RANK, TERMINAL
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .response_pairs import first_sights, unexplained
from .wording import answer, duration, request

ID = "status-never-regresses"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    answers = order.answers
    first_ns = answers.first_state_ns
    begins = answers.state_begins
    if first_ns is None or begins[-1] <= first_ns:
        return NOTHING
    exposures = len(begins) - bisect_right(begins, first_ns)
    if answers.monotone:
        return exposures, ()

    sights = first_sights(order)
    found = []
    for source in sights:
        for target in sights:
            if RANK[target] < RANK[source] and (pair := unexplained(order, ctx, source, target, sights)) is not None:
                earlier, later = pair
                stale_ns = later.begin_ns - (earlier.complete_ns or 0)
                text = (
                    f"{request(earlier)} showed {source.name}; {request(later)} began {duration(stale_ns)} later "
                    "and was "
                    f"answered {answer(later)}, which knows less"
                )
                found.append(
                    finding(ID, order, Result.VIOLATED, text, [earlier, later], staleness_ns=stale_ns)
                )  # fmt: skip
    if "later_edges" in ctx.promises.unknown:
        found = [f for f in found if not _left_an_end(order, f)] or found
    return exposures, worst_of(found)


def _left_an_end(order: OrderHistory, found: Finding) -> bool:
    """Return whether an end of the order was shown before the answer that fell back began: later edges start there."""
    fell = next(x for x in order.answers.states if (x.op, x.copy) == found.evidence[-1])
    return any(
        x.state in TERMINAL and x.complete_ns is not None and x.complete_ns <= fell.begin_ns
        for x in order.answers.states
    )


GUARANTEE = Guarantee(
    ID,
    "A status never falls back",
    "An answer whose request began after another answer was complete MUST NOT show a state of lower "
    "rank, unless a declared later "
    "edge, open at that time, leads there.",
    "A paid order that reads as unpaid again is paid again, or its goods are held back.",
    judge,
    depends_on="later_edges",
    rests_on_it=_left_an_end,
    exposure="An answer with a state whose request began after an earlier answer with a state was complete.",
)
