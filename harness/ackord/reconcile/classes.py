"""Names the classes of a reconciliation, in the order of their precedence.

Each order number falls into the first class whose condition holds. What makes later comparisons meaningless comes
first: without an order or a line there is nothing to compare, sums of two currencies mean nothing, and the amount of an
order that was paid twice differs of course.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["DIFFERENCES", "ORDER_STATES", "OrderState", "ReconcileClass"]


class ReconcileClass(StrEnum):
    """What became of one order number, or of one line without a number."""

    OUTSIDE = "outside"
    PHANTOM = "phantom"
    MISSING = "missing"
    UNSETTLED = "unsettled"
    CURRENCY_DIFFERS = "currency_differs"
    DUPLICATED = "duplicated"
    STATUS_DIFFERS = "status_differs"
    AMOUNT_DIFFERS = "amount_differs"
    FEE_DIFFERS = "fee_differs"
    WRONG_DAY = "wrong_day"
    MATCHED = "matched"

    @property
    def words(self) -> str:
        """Return the name for people."""
        return self.value.replace("_", " ")

    @property
    def meaning(self) -> str:
        """Return what it says, for people."""
        return _MEANINGS[self]

    @property
    def action(self) -> str:
        """Return what somebody who keeps the books does about it."""
        return _ACTIONS[self]


_MEANINGS = {
    ReconcileClass.OUTSIDE: "orders and lines of days that were not asked for; not compared",
    ReconcileClass.PHANTOM: "in the statement, and nobody ordered it",
    ReconcileClass.MISSING: "paid or returned by the merchant's knowledge, and not in the statement",
    ReconcileClass.UNSETTLED: "open or failed by the merchant's knowledge, and not in the statement",
    ReconcileClass.CURRENCY_DIFFERS: "lines of another currency than the order's",
    ReconcileClass.DUPLICATED: "several lines, which move more than was ordered, or give back too much",
    ReconcileClass.STATUS_DIFFERS: "the money says something else than the merchant's status",
    ReconcileClass.AMOUNT_DIFFERS: "lines less returns and refunds are not the expected amount",
    ReconcileClass.FEE_DIFFERS: "the fees are not those that were expected",
    ReconcileClass.WRONG_DAY: "it stands in the statement of another day",
    ReconcileClass.MATCHED: "order and statement agree",
}

_ACTIONS = {
    ReconcileClass.OUTSIDE: "Nothing: it belongs to another period.",
    ReconcileClass.PHANTOM: "Ask the provider whose payment it is, and claim it back if it is not yours.",
    ReconcileClass.MISSING: "Ask the provider where the money is. Do not pay again before it has answered.",
    ReconcileClass.UNSETTLED: "Nothing, unless it stays open: then ask for its status.",
    ReconcileClass.CURRENCY_DIFFERS: "Find out which currency left the account, and correct the booking or claim.",
    ReconcileClass.DUPLICATED: "Claim back what was paid too much; stop further payments of this order.",
    ReconcileClass.STATUS_DIFFERS: "Correct the order's status by the money; claim it back if it was not to move.",
    ReconcileClass.AMOUNT_DIFFERS: "Claim or book the difference.",
    ReconcileClass.FEE_DIFFERS: "Compare with the agreed fees, and claim or book the difference.",
    ReconcileClass.WRONG_DAY: "Book it on the statement's day, and check the cut-off.",
    ReconcileClass.MATCHED: "Nothing.",
}

_AGREE = (ReconcileClass.OUTSIDE, ReconcileClass.UNSETTLED, ReconcileClass.MATCHED)
DIFFERENCES = tuple(found for found in ReconcileClass if found not in _AGREE)
"""The classes that somebody has to look at."""


class OrderState(StrEnum):
    """What the merchant knows about an order."""

    OPEN = "open"
    """Its outcome is not known, or was not told."""
    PAID = "paid"
    UNPAID = "unpaid"
    """It failed, was declined or was cancelled: no money is to move."""
    RETURNED = "returned"
    """It was paid, and all of it came back."""


ORDER_STATES = tuple(OrderState)
"""In the inputs of the expressions a state is its place in here."""
