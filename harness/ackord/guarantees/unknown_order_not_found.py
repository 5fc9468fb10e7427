"""Judges that a number that was never submitted is reported as not found. It is the control for the guarantees about
visibility.
"""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, duration, request

ID = "unknown-order-not-found"

_SUBMITS = (OperationKind.SUBMIT, OperationKind.RESUBMIT)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    submit_ns = order.submits[0].begin_ns if order.submits else None
    everything = order.exchanges
    if order.foreign:
        everything = [*order.exchanges, *order.foreign]
        begins = [x.begin_ns for x in everything if x.kind in _SUBMITS]
        submit_ns = min(begins) if begins else None
    elif submit_ns is not None and everything[0].begin_ns >= submit_ns:
        return NOTHING

    exposures = 0
    wrong = None
    for x in everything:
        if x.kind is not OperationKind.QUERY or x.complete_ns is None:
            continue
        if submit_ns is not None and x.complete_ns >= submit_ns:
            continue
        if x.observation is Observation.STATUS:
            wrong = wrong or x
            exposures += 1
        elif x.observation is Observation.NOT_FOUND:
            exposures += 1
    if wrong is None:
        return exposures, ()
    when = "the number was never submitted"
    if submit_ns is not None:
        when = f"the number was first submitted {duration(submit_ns - (wrong.complete_ns or 0))} later"
    text = f"{request(wrong)} was answered {answer(wrong)}, but {when}"
    return exposures, [finding(ID, order, Result.VIOLATED, text, [wrong])]


def _unless(promises: Promises) -> str:
    return (
        ""
        if promises.asks_by_number
        else "an order is asked for by what the provider calls it, which an unknown one has not"
    )


GUARANTEE = Guarantee(
    ID,
    "A number that was never submitted is not found",
    "A query for an order number that nobody has submitted MUST be answered with an observation NOT_FOUND.",
    "Without a clean not-found a merchant can never know that it is safe to send, and a test of "
    "visibility proves nothing.",
    judge,
    _unless,
    place="query.answers",
    exposure="A query, answered with STATUS or NOT_FOUND, that was complete before anybody submitted its number.",
)
