"""Judges that an order in doubt, whose attempts met transient errors or IN_PROGRESS, can be finished after all faults
are healed.

Stuck is an order that nothing shows and whose resubmissions after healing, two or more, got nothing but:

- IN_PROGRESS, the last of them after the time within which the contract promises that orders settle;
- a refusal, or another error, whose words the run never gave to a first attempt: the number is burnt.

A refusal in words that first attempts got as well is an ordinary one: the order is refused, and not stuck. The first
error in the same words again is the business of ``errors-not-replayed``.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.payment_state import TERMINAL
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, duration, request

ID = "order-not-stuck"

_DOUBTS = (Observation.RETRYABLE, Observation.IN_PROGRESS)
_REFUSALS = (Observation.REJECTED, Observation.CONFLICT, Observation.RETRYABLE)
_ARRIVED = (Observation.ACK, Observation.STATUS, Observation.DUPLICATE)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.answers.doubted or len(order.submits) < 2 or ctx.healed_ns is None or ctx.held_open(order):
        return NOTHING
    own = order.answers.own
    first = next((x for x in own if x.observation in _DOUBTS), None)
    if first is None or first.complete_ns is None:
        return NOTHING
    if _arrived(order, own):
        return 1, ()
    from_ns = max(ctx.healed_ns, first.complete_ns)
    tries = [x for x in own if x.begin_ns > from_ns and x.observation is not Observation.UNREADABLE]
    found = _locked(order, ctx, tries, from_ns) or _burnt(order, ctx, first, tries)
    return (1, [found]) if found is not None else NOTHING


def _arrived(order: OrderHistory, own: list[Exchange]) -> bool:
    """Return whether an attempt was accepted, or something shows the order."""
    shown = order.answers.states or any(x.state in TERMINAL for x in order.callbacks)
    return bool(shown) or any(x.observation in _ARRIVED for x in own)


def _locked(order: OrderHistory, ctx: JudgeContext, tries: list[Exchange], from_ns: int) -> Finding | None:
    bound_ns = ctx.promises.settles_within_ns
    locked = [x for x in tries if x.observation is Observation.IN_PROGRESS]
    if bound_ns is None or len(locked) < 2 or len(locked) < len(tries) or locked[-1].begin_ns <= from_ns + bound_ns:
        return None
    last = locked[-1]
    stale_ns = last.begin_ns - from_ns
    text = (
        f"all {len(locked)} resubmissions after the faults were healed were answered as still in progress, the last, "
        f"{request(last)}, after {duration(stale_ns)} ({answer(last)}), and no answer shows the order"
    )
    return finding(ID, order, Result.VIOLATED, text, locked[-4:], staleness_ns=stale_ns)


def _burnt(order: OrderHistory, ctx: JudgeContext, first: Exchange, tries: list[Exchange]) -> Finding | None:
    if ctx.promises.caches_transient_errors or len(tries) < 2:
        return None
    ordinary = ctx.first_words
    burnt = [
        x
        for x in tries
        if x.observation in _REFUSALS
        and x.detail not in ordinary
        and not (x.observation is Observation.RETRYABLE and x.detail == first.detail)
    ]
    if len(burnt) < len(tries):
        return None
    last = burnt[-1]
    stale_ns = last.begin_ns - (first.complete_ns or 0)
    text = (
        f"{request(first)} was answered {answer(first)}; all {len(burnt)} resubmissions after the faults were healed "
        f"were refused, the last {duration(stale_ns)} later with {answer(last)}, in words that no first attempt got: "
        "the number is burnt"
    )
    return finding(ID, order, Result.VIOLATED, text, [first, *burnt[-3:]], staleness_ns=stale_ns)


GUARANTEE = Guarantee(
    ID,
    "An order can be finished or sent again",
    "After all faults are healed, a resubmission of an order whose earlier attempts met transient errors or "
    "IN_PROGRESS MUST NOT be answered for ever as in progress, nor be refused only because of those attempts.",
    "The merchant can neither learn what became of the payment nor make it: money and goods are held, and in the end "
    "he pays under a new number while the old one may still move.",
    judge,
    place="promises.settles_within",
    exposure="An order whose attempt was left undecided by a transient error or by IN_PROGRESS, and that arrived, "
    "or was tried again after healing.",
)
