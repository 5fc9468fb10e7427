"""Judges that a terminal status is contradicted only along declared edges, within their horizon."""

from __future__ import annotations

from bisect import bisect_right

from ..core.history import OrderHistory
from ..core.payment_state import TERMINAL
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .response_pairs import first_sights, unexplained
from .wording import answer, duration, request

ID = "terminal-status-final"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    answers = order.answers
    final_ns = answers.first_terminal_ns
    begins = answers.state_begins
    if final_ns is None or begins[-1] <= final_ns:
        return NOTHING
    exposures = len(begins) - bisect_right(begins, final_ns)
    if len(answers.terminals) < 2:
        return exposures, ()

    sights = first_sights(order)
    found = []
    for source in sights:
        for target in sights:
            if source is target or source not in TERMINAL or target not in TERMINAL:
                continue
            if (pair := unexplained(order, ctx, source, target, sights)) is not None:
                earlier, later = pair
                stale_ns = later.begin_ns - (earlier.complete_ns or 0)
                declared = (
                    "its horizon is over" if ctx.edges.declared(source, target) else "no declared edge leads there"
                )
                text = (
                    f"{request(earlier)} showed {source.name}; {request(later)} began {duration(stale_ns)} later "
                    "and was "
                    f"answered {answer(later)}: {declared}"
                )
                found.append(
                    finding(ID, order, Result.VIOLATED, text, [earlier, later], staleness_ns=stale_ns)
                )  # fmt: skip
    return exposures, worst_of(found)


GUARANTEE = Guarantee(
    ID,
    "A terminal status is final, beyond declared edges",
    "After an answer has shown a terminal state, a later answer MUST NOT show another terminal state, "
    "unless declared later edges lead "
    "there and were still open.",
    "Books that were closed on a success turn out to be a failure, or the reverse: money is released twice or never.",
    judge,
    depends_on="later_edges",
    exposure="An answer with a state whose request began after an answer had shown a terminal state.",
)
