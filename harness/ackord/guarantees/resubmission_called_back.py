"""Judges that a resubmission that is only taken is answered by a callback, with the result of the original order.

Some providers answer a resubmission with "accepted" and nothing else, and send the callback of the order's end again.
The time counts from that answer, from the first answer or callback that shows the end, and from the end of all faults,
whichever is last. A callback that answers a query is the query's and counts for no resubmission. Which result it
carries is judged by ``callback-agrees-with-query`` and ``provider-id-stable``.

One callback after several resubmissions counts for all of them, because no callback says which it answers.
"""

from __future__ import annotations

from ..core.event import CallbackReceived
from ..core.history import Exchange, OrderHistory
from ..core.operation import OperationKind, acknowledges
from ..core.payment_state import TERMINAL
from ..core.promises import Promises
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import POLL, answer, duration, request

ID = "resubmission-called-back"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    within_ns = ctx.promises.resubmission_calls_back_within_ns
    if within_ns is None or order.foreign or len({x.fingerprint for x in order.submits}) != 1:
        return NOTHING
    again = [x for x in order.submits if _only_taken(x) and ctx.remembered(order, x)]
    ended_ns = _ended_ns(order)
    if not again or ended_ns is None:
        return NOTHING
    ends = _unasked_ends(order)
    exposures, found = 0, list[Finding]()
    for x in again:
        due_ns = max(x.complete_ns or 0, ended_ns, ctx.healed_ns or 0) + within_ns
        call = next((c for c in ends if c.at_ns > x.begin_ns), None)
        if call is not None and call.at_ns <= due_ns:
            exposures += 1
        elif call is not None or ctx.end_ns > due_ns:
            exposures += 1
            found = found or [_missing(order, ctx, x, call, due_ns)]
    return exposures, found


def _only_taken(x: Exchange) -> bool:
    return x.kind is OperationKind.RESUBMIT and not x.copy and acknowledges(x.kind, x.observation)


def _ended_ns(order: OrderHistory) -> int | None:
    """Return when the order was first known to have ended."""
    shown = [x.complete_ns for x in order.answers.states if x.state in TERMINAL and x.complete_ns is not None]
    called = [c.at_ns for c in order.callbacks if c.state in TERMINAL]
    return min([*shown, *called], default=None)


def _unasked_ends(order: OrderHistory) -> list[CallbackReceived]:
    """Return the callbacks of the order's end that answered no query.

    One that comes by itself while a query waits is taken for its answer, because nothing tells them apart. The query's
    own then comes behind it, unasked; where that one shows an earlier state, the end before it was not asked for.
    """
    asked_ns = {x.complete_ns for x in order.queries}
    late_ns = max((c.at_ns for c in order.callbacks if c.state not in TERMINAL and c.at_ns not in asked_ns), default=0)
    return [c for c in order.callbacks if c.state in TERMINAL and (c.at_ns not in asked_ns or c.at_ns < late_ns)]


def _missing(
    order: OrderHistory, ctx: JudgeContext, x: Exchange, call: CallbackReceived | None, due_ns: int
) -> Finding:
    taken = f"{request(x)} was only taken ({answer(x)})"
    if call is not None:
        text = (
            f"{taken}, and the callback {call.callback} with the result came {duration(call.at_ns - due_ns)} too late"
        )
    else:
        text = f"{taken}, and no callback with the result came in the {duration(ctx.end_ns - (x.complete_ns or 0))} "
        text += "until the run ended"
    return finding(ID, order, Result.VIOLATED, text, [x], at_ns=due_ns, safe_policies=(POLL,))


def _nothing_promised(promises: Promises) -> str:
    if promises.resubmission_calls_back_within_ns is not None:
        return ""
    return "the contract does not promise that a resubmission is answered by callback"


GUARANTEE = Guarantee(
    ID,
    "A resubmission is answered by callback",
    "Where a resubmission is only taken, a genuine callback with the result of the original order MUST arrive within "
    "the promised time after it, and after the order's end.",
    "A merchant that lost the first callback sends the order again to hear its result, and hears nothing.",
    judge,
    _nothing_promised,
    depends_on="resubmission_calls_back_within",
    exposure="A resubmission that was taken, of an order that ended, whose callback came, or whose time for it was "
    "over before the run was.",
)
