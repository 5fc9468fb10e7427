"""Judges that no more money is given back for an order than was paid for it, however many refunds there are."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.payment_state import MONEY_MOVED
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .money import posted_of_owner
from .refunds import no_refunds, refund_requests, refunds_posted
from .wording import amount, requests

ID = "refund-not-over-amount"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    refunds, began_ns = order.refunds, order.ledger_began_ns
    if not refunds or began_ns is None:
        return NOTHING
    paid_minor = _paid_minor(order)
    if paid_minor is None:
        return NOTHING
    asked_minor = sum(max(refund.amounts, default=0) for refund in refund_requests(order))
    last_ns = max(x.complete_ns or x.begin_ns for x in refunds)
    exposures = int(asked_minor > paid_minor and began_ns > last_ns)
    posted = refunds_posted(order, ctx.promises)
    back_minor = sum(m.amount_minor for m in posted)
    if back_minor <= paid_minor:
        return exposures, ()
    moved = ", ".join(f"{m.movement_id} ({amount(m.amount_minor)})" for m in posted)
    text = (
        f"the ledger gives {amount(back_minor)} back for an order for which {amount(paid_minor)} were paid: {moved}, "
        f"after {requests(refunds)}"
    )
    return max(1, exposures), [
        finding(
            ID, order, Result.VIOLATED, text, refunds,
            at_ns=max(m.at_ns for m in posted), movements=[m.movement_id for m in posted],
        )
    ]  # fmt: skip


def _paid_minor(order: OrderHistory) -> int | None:
    """Return what was paid: as the ledger shows, or what was ordered where an answer says that it was paid and the
    ledger may show it later; ``None`` if that is not known.
    """
    paid_minor = sum(m.amount_minor for m in posted_of_owner(order, "payout"))
    ordered = {x.sent_amount_minor for x in order.submits}
    if MONEY_MOVED & order.answers.terminals or any(m.kind == "payout" for m in order.movements):
        if None in ordered or 0 in ordered:
            return paid_minor or None
        return max([paid_minor, *(minor for minor in ordered if minor is not None)])
    return paid_minor


GUARANTEE = Guarantee(
    ID,
    "No more is given back than was paid",
    "The refunds of an order in the ledger MUST NOT be more, in sum, than what was paid for it. No contract can waive "
    "this.",
    "Two refunds that each fit give back more than there was, and the merchant pays the difference.",
    judge,
    no_refunds,
    needs_ledger=True,
    place="refund",
    exposure="An order of which more was asked back, in sum over its refunds, than was paid, with a reading of the "
    "ledger that began after that.",
    waivable=False,
)
