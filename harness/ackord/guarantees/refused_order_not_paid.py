"""Judges that no money moved for an order that was refused for good, or that ended FAILED, DECLINED or CANCELLED.

An acknowledged order that an answer calls failed while money moved is judged by ``acknowledged-order-not-failed``, so
it counts here only as long as it was not paid. An order that the merchant cancelled is judged by
``cancelled-order-not-paid``.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.payment_state import MONEY_MOVED, NO_MONEY, PaymentState
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .money import kept_payouts, may_have_paid, no_ledger
from .wording import amount, answer, request

ID = "refused-order-not-paid"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    began_ns, submits = order.ledger_began_ns, order.submits
    if began_ns is None or not submits:
        return NOTHING
    answers = order.answers
    if answers.no_money:
        last = _ended(order, ctx)
    elif any(map(may_have_paid, submits)):
        return NOTHING
    else:
        last = next((x for x in submits if x.definite), None)
    if last is None or last.complete_ns is None or began_ns <= last.complete_ns:
        return NOTHING
    payouts = kept_payouts(order)
    if not payouts:
        return 1, ()
    if _judged_by_answers(order, last):
        return NOTHING
    moved = ", ".join(f"{m.movement_id} ({amount(m.amount_minor)})" for m in payouts)
    text = f"{request(last)} was answered {answer(last)}, and the ledger holds a payout all the same: {moved}"
    return 1, [
        finding(
            ID, order, Result.VIOLATED, text, [last],
            at_ns=max(m.at_ns for m in payouts), movements=[m.movement_id for m in payouts],
        )
    ]  # fmt: skip


def _ended(order: OrderHistory, ctx: JudgeContext) -> Exchange | None:
    """Return the last answer that shows the order failed, declined or cancelled; ``None`` if it did not end so, or if a
    declared edge lets money move before or after.
    """
    answers = order.answers
    if not answers.terminals.isdisjoint(MONEY_MOVED):
        return None
    last = next(x for x in reversed(answers.states) if x.state in NO_MONEY)
    if last.state is PaymentState.CANCELLED and any(c.begin_ns <= (last.complete_ns or 0) for c in order.cancels):
        return None
    paid = PaymentState.SUCCEEDED
    if any(x.begin_ns > (last.complete_ns or 0) for x in answers.states):
        return None  # it goes on
    if ctx.edges.declared(paid, last.state) or ctx.edges.declared(last.state, paid):
        return None
    other = any(x.fingerprint != order.fingerprint and may_have_paid(x) for x in order.submits)
    return None if other else last


def _judged_by_answers(order: OrderHistory, last: Exchange) -> bool:
    """Return whether ``acknowledged-order-not-failed`` judges that money moved for this order."""
    acked_ns = order.acknowledged_ns
    return acked_ns is not None and last.begin_ns > acked_ns


GUARANTEE = Guarantee(
    ID,
    "What was refused is not paid",
    "No money MUST have moved for good for an order that was refused for good, or ended FAILED, DECLINED or CANCELLED. "
    "An acknowledged order that is shown failed and was paid is judged by acknowledged-order-not-failed, one that the "
    "merchant cancelled by cancelled-order-not-paid.",
    "The merchant pays again under a new number after a refusal that was none, and the payee gets both.",
    judge,
    no_ledger,
    needs_ledger=True,
    place="submit.answers",
    exposure="An order of which the last word was a definite refusal, FAILED, DECLINED or CANCELLED, with a "
    "reading of the ledger that began after it.",
)
