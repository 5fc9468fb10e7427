"""Judges that no money moved under an order number that nobody submitted."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.operation import SUBMITS
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .money import no_ledger, payouts_posted, was_accepted
from .wording import amount

ID = "unordered-number-not-paid"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if order.submits or any(x.kind in SUBMITS for x in order.foreign):
        # An order that was taken may have been paid under another number, made of its own.
        return int(order.ledger_began_ns is not None and was_accepted(order)), ()
    payouts = payouts_posted(order)
    if not payouts:
        return NOTHING
    moved = ", ".join(f"{m.movement_id} ({amount(m.amount_minor)})" for m in payouts)
    text = f"the ledger holds a payout under the number {order.number}, which nobody submitted: {moved}"
    return 1, [
        finding(
            ID, order, Result.VIOLATED, text, order.exchanges[:1],
            at_ns=max(m.at_ns for m in payouts), movements=[m.movement_id for m in payouts],
        )
    ]  # fmt: skip


GUARANTEE = Guarantee(
    ID,
    "A number that nobody submitted is not paid",
    "The ledger MUST NOT hold a payout under an order number that nobody submitted, such as one that is cut off or in "
    "other letters.",
    "The payout stands in no book of the merchant's: nobody misses it, nobody asks for it back.",
    judge,
    no_ledger,
    needs_ledger=True,
    place="ledger",
    exposure="An accepted order in a run whose ledger was read (it may have been paid under another number), or a "
    "payout under a number that nobody submitted.",
)
