"""Judges that an order's payout in the ledger is of the amount and currency that were ordered, from the account that
ordered it.
"""

from __future__ import annotations

from ..core.event import Movement
from ..core.history import OrderHistory
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .money import may_have_paid, no_ledger, payouts_posted, submits_of
from .wording import amount, request

ID = "payout-as-ordered"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if not order.movements or not (order.submits or order.foreign):
        return NOTHING
    payouts = payouts_posted(order)
    exposures = 0
    for m in payouts:
        submits = [x for x in submits_of(order, m.account) if may_have_paid(x)]
        if not submits:
            if order.submits and m.account not in (order.account, "") and not submits_of(order, m.account):
                return exposures + 1, [_found(order, m, f"from account {m.account} instead of {order.account}")]
            continue  # nobody ordered it, or it was refused: other guarantees judge that
        amounts = {x.sent_amount_minor for x in submits}
        currencies = {x.sent_currency for x in submits}
        # Two payouts of one number are one fault already, whatever their amounts.
        alone = sum(other.account == m.account for other in payouts) == 1
        known = alone and amounts.isdisjoint((None, 0))
        exposures += known
        if known and m.amount_minor not in amounts:
            ordered = " or ".join(amount(minor) for minor in sorted(a for a in amounts if a is not None))
            return exposures, [_found(order, m, f"of {amount(m.amount_minor)} instead of {ordered}")]
        if known and m.currency and "" not in currencies and m.currency not in currencies:
            return exposures, [_found(order, m, f"in {m.currency} instead of {' or '.join(sorted(currencies))}")]
    return exposures, ()


def _found(order: OrderHistory, m: Movement, what: str) -> Finding:
    submits = [x for x in order.submits if may_have_paid(x)] or order.submits or order.foreign
    text = f"the ledger holds a payout {what} for the order of {request(submits[0])}: {m.movement_id}"
    return finding(ID, order, Result.VIOLATED, text, submits[:1], at_ns=m.at_ns, movements=[m.movement_id])


GUARANTEE = Guarantee(
    ID,
    "What is paid is what was ordered",
    "A payout in the ledger MUST be of the amount and the currency that were ordered, and from the account that "
    "ordered it, as far as the ledger shows them.",
    "Ten times the amount leaves the account, or another customer's account pays, and every status says SUCCEEDED.",
    judge,
    no_ledger,
    needs_ledger=True,
    place="ledger",
    exposure="A payout in the ledger, the only one of its number and account, whose amount is known from what was "
    "submitted.",
)
