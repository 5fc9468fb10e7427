"""Judges that the end of an order is called back within the promised time, however often the merchant's server refused.

The time counts from the first answer that shows the order's end, and from the end of all faults, since a merchant
whose server refuses delays what it is told. An order whose end no query showed, or whose time was not over when the run
ended, exposes nothing. Only callbacks whose signature is genuine, and which the merchant's server took, count.

A number that several accounts or payloads used is not judged: not every callback tells whose order it is about.
"""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.payment_state import TERMINAL
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import POLL, answer, duration, request

ID = "callback-delivered"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    within_ns = ctx.promises.calls_back_within_ns
    if within_ns is None or order.foreign or len({x.fingerprint for x in order.submits}) != 1:
        return NOTHING
    shown = next((x for x in order.answers.states if x.state in TERMINAL), None)
    if shown is None or shown.complete_ns is None:
        return NOTHING
    due_ns = max(shown.complete_ns, ctx.healed_ns or 0) + within_ns
    ends = [c for c in order.callbacks if c.state in TERMINAL]
    if any(c.at_ns <= due_ns for c in ends):
        return 1, ()
    if ctx.end_ns <= due_ns:
        return NOTHING
    asked = f"{request(shown)} was answered {answer(shown)}"
    if ends:
        late_ns = ends[0].at_ns - due_ns
        text = f"{asked}, and the callback {ends[0].callback} of its end came {duration(late_ns)} too late"
        return 1, [finding(ID, order, Result.VIOLATED, text, [shown], at_ns=ends[0].at_ns, safe_policies=(POLL,))]
    waited = duration(ctx.end_ns - shown.complete_ns)
    text = f"{asked}, and no callback of its end came in the {waited} until the run ended"
    return 1, [finding(ID, order, Result.VIOLATED, text, [shown], at_ns=ctx.end_ns, safe_policies=(POLL,))]


def _nothing_promised(promises: Promises) -> str:
    return "" if promises.calls_back_within_ns is not None else "the contract promises no time for callbacks"


GUARANTEE = Guarantee(
    ID,
    "The end of an order is called back",
    "A genuine callback of an order's end MUST arrive within the promised time after a query shows that end, also if "
    "the merchant's server refused earlier attempts.",
    "A merchant that waits for the callback never ships what was paid for, or never learns that nothing was paid.",
    judge,
    _nothing_promised,
    depends_on="calls_back_within",
    exposure="An order that a query showed at its end, whose callback came in time, or whose time for it was over "
    "before the run was.",
)
