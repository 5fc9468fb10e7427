"""Judges that no money moved for good for an order that the merchant cancelled, once an answer says that it is
cancelled.

What an order is called after an answer to a cancel does not matter: that it is shown paid after all makes it worse. An
order that ended CANCELLED without a cancel of the merchant's is judged by ``refused-order-not-paid``.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import OperationKind
from ..core.payment_state import MONEY_MOVED, PaymentState
from ..core.promises import Promises, SamePayloadAnswer
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .money import kept_payouts, may_have_paid, no_ledger
from .wording import amount, answer, request

ID = "cancelled-order-not-paid"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    began_ns, cancels = order.ledger_began_ns, order.cancels
    if began_ns is None or not cancels or not order.submits or _may_pay_again(order, ctx):
        return NOTHING
    told = _told(order, cancels[0])
    if told is None or began_ns <= (told.complete_ns or 0):
        return NOTHING
    payouts = kept_payouts(order)
    if not payouts:
        return 1, ()
    moved = ", ".join(f"{m.movement_id} ({amount(m.amount_minor)})" for m in payouts)
    text = f"{request(told)} was answered {answer(told)}, and the ledger holds a payout all the same: {moved}"
    proof = [told] if told.kind is OperationKind.CANCEL else [cancels[0], told]
    return 1, [
        finding(
            ID, order, Result.VIOLATED, text, proof,
            at_ns=max(m.at_ns for m in payouts), movements=[m.movement_id for m in payouts],
        )
    ]  # fmt: skip


def _told(order: OrderHistory, first: Exchange) -> Exchange | None:
    """Return the answer that says that the order is cancelled: to a cancel, or else the last word about it."""
    answers = order.answers
    said = [x for x in answers.states if x.state is PaymentState.CANCELLED]
    by_cancel = [x for x in said if x.kind is OperationKind.CANCEL]
    if by_cancel:
        return min(by_cancel, key=lambda x: x.complete_ns or 0)
    # Nobody knows what became of the cancels, so contradictions are judged by the statuses alone.
    if not said or not answers.terminals.isdisjoint(MONEY_MOVED):
        return None
    last = said[-1]
    goes_on = any(x.begin_ns > (last.complete_ns or 0) for x in answers.states)
    return None if goes_on or (last.complete_ns or 0) < first.begin_ns else last


def _may_pay_again(order: OrderHistory, ctx: JudgeContext) -> bool:
    """Return whether the contract lets a cancelled order be paid, or its number stand for another order."""
    paid, cancelled = PaymentState.SUCCEEDED, PaymentState.CANCELLED
    if ctx.edges.declared(paid, cancelled) or ctx.edges.declared(cancelled, paid):
        return True
    if any(x.fingerprint != order.fingerprint and may_have_paid(x) for x in order.submits):
        return True
    promises = ctx.promises
    new_order = promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT or promises.key_retention_ns is not None
    return new_order and len(order.submits) > 1


def _no_cancels(promises: Promises) -> str:
    return no_ledger(promises) if promises.cancels else "the contract has no cancel"


GUARANTEE = Guarantee(
    ID,
    "What was cancelled is not paid",
    "Once an answer says that an order is cancelled that the merchant cancelled, no money MUST have moved for good for "
    "it.",
    "The merchant pays by other means, or keeps the goods, and the payment that was cancelled arrives all the same.",
    judge,
    _no_cancels,
    needs_ledger=True,
    place="cancel",
    exposure="An order that the merchant cancelled and that an answer shows cancelled, with a reading of the ledger "
    "that began after it.",
)
