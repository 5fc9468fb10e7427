"""Judges that a refund that was acknowledged stands in the ledger, once the promised time is over."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.payment_state import PaymentState
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, worst_of
from .money import posted_by_ns, posting_promised
from .refunds import RefundRequests, no_refunds, refund_requests, unpaid_refunds
from .wording import RESUBMIT, answer, duration, request

ID = "acknowledged-refund-paid"

_ON_ITS_WAY = (PaymentState.RECEIVED, PaymentState.PROCESSING)


def refund_due_ns(order: OrderHistory, ctx: JudgeContext) -> int | None:
    """Return the instant by which all refunds must be posted that are missing in the ledger; ``None``: none is."""
    if no_refunds(ctx.promises):
        return None
    return max((_due_ns(refund, ctx) for refund in unpaid_refunds(order, ctx.promises)), default=None)


def _due_ns(refund: RefundRequests, ctx: JudgeContext) -> int:
    acknowledged = refund.acknowledged
    assert acknowledged is not None
    return posted_by_ns(ctx.promises, acknowledged.complete_ns or 0, ctx.healed_ns)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    began_ns = order.ledger_began_ns
    if began_ns is None or not order.refunds:
        return NOTHING
    missing = unpaid_refunds(order, ctx.promises)
    exposures = 0
    found = []
    for refund in refund_requests(order):
        accepted = refund.acknowledged
        if accepted is None:
            continue
        if refund not in missing:
            exposures += began_ns > (accepted.complete_ns or 0)
            continue
        if began_ns <= _due_ns(refund, ctx):
            continue
        exposures += 1
        text = (
            f"{request(accepted)} was answered {answer(accepted)}, and the ledger holds no such refund of the order: "
            f"its reading began {duration(began_ns - (accepted.complete_ns or 0))} later"
        )
        result, more = Result.VIOLATED, ""
        if not posting_promised(ctx.promises):
            result, more = Result.UNSAFE, "; no time is promised for it"
        elif accepted.state in _ON_ITS_WAY:
            result, more = Result.UNSAFE, "; it may have failed since, and no answer tells"
        found.append(
            finding(ID, order, result, text + more, [accepted], at_ns=order.ledger_read_ns, safe_policies=(RESUBMIT,))
        )
    return exposures, worst_of(found)


GUARANTEE = Guarantee(
    ID,
    "An acknowledged refund is made",
    "Once the promised time is over, the ledger MUST hold every refund that was acknowledged.",
    "The merchant tells the customer that the money is on its way, and it never comes.",
    judge,
    no_refunds,
    depends_on="posts_within",
    needs_ledger=True,
    exposure="A refund that was acknowledged, with a reading of the ledger that shows it, or that began after it was "
    "due.",
)
