"""Judges that every acknowledged order is permanently visible within the promised window."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.operation import OperationKind
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, duration, request

ID = "landing-bounded"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    bound_ns = ctx.promises.lands_within_ns
    acked_ns = order.acknowledged_ns
    if acked_ns is None or bound_ns is None:
        return NOTHING
    answers = order.answers
    begins = answers.read_begins
    if not begins:
        return NOTHING
    deadline_ns = acked_ns + bound_ns
    missing = [x for x in answers.missing if x.begin_ns > acked_ns]
    if begins[-1] > deadline_ns:
        exposures = 1
    else:
        gone_ns = missing[-1].begin_ns if missing else acked_ns
        query = OperationKind.QUERY
        exposures = 0
        for x in answers.states:  # read by position (kind, complete), because this runs for every order of a run
            if x[2] is query and gone_ns < (x[7] or 0) <= deadline_ns:
                exposures = 1
                break
    if not missing:
        return exposures, ()
    late = [x for x in missing if x.begin_ns > deadline_ns and ctx.remembered(order, x)]
    if not late:
        return exposures, ()
    worst = late[-1]
    stale_ns = worst.begin_ns - acked_ns
    text = (
        f"{request(worst)} began {duration(stale_ns)} after the acknowledgement and was answered "
        f"{answer(worst)}; the contract "
        f"promises that an order lands within {duration(bound_ns)}"
    )
    return exposures, [
        finding(ID, order, Result.VIOLATED, text, [order.acks[0], worst], staleness_ns=stale_ns)
    ]  # fmt: skip


def _unless(promises: Promises) -> str:
    return "" if promises.lands_within_ns is not None else "the contract promises no landing window"


GUARANTEE = Guarantee(
    ID,
    "An acknowledged order lands within the promised window",
    "An acknowledged order MUST be visible to every query that began later than the promised landing "
    "window after the acknowledgement.",
    "A merchant's buffer time is chosen by this promise: an order that lands later is taken for lost, and paid again.",
    judge,
    _unless,
    place="promises.lands_within",
    exposure="An acknowledged order that was asked for later than the promised window after its acknowledgement, "
    "or that a query showed within it.",
)
