"""Names the classes of a reconciliation, in the order of their precedence.

Each order number falls into the first class whose condition holds. What makes later comparisons meaningless comes
first: without an order or a line there is nothing to compare, sums of two currencies mean nothing, and the amount of an
order that was paid twice differs of course.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["DIFFERENCES", "ORDER_STATES", "OrderState", "ReconcileClass"]


class ReconcileClass(StrEnum):
    """A class; ``title`` and ``meaning`` are for people."""

    title: str
    meaning: str

    def __new__(cls, value: str, title: str, meaning: str) -> ReconcileClass:
        found = str.__new__(cls, value)
        found._value_ = value
        found.title, found.meaning = title, meaning
        return found

    OUTSIDE = "outside", "other days", "orders and lines of days that were not asked for; not compared"
    PHANTOM = "phantom", "phantom", "in the statement, and nobody ordered it"
    MISSING = "missing", "missing", "paid or returned by the merchant's knowledge, and not in the statement"
    UNSETTLED = "unsettled", "not settled", "open or failed by the merchant's knowledge, and not in the statement"
    CURRENCY_DIFFERS = "currency_differs", "currency differs", "lines of another currency than the order's"
    DUPLICATED = "duplicated", "duplicated", "several lines, which move more than was ordered, or give back too much"
    STATUS_DIFFERS = "status_differs", "status differs", "the money says something else than the merchant's status"
    AMOUNT_DIFFERS = "amount_differs", "amount differs", "lines less returns and refunds are not the expected amount"
    FEE_DIFFERS = "fee_differs", "fee differs", "the fees are not those that were expected"
    WRONG_DAY = "wrong_day", "wrong day", "it stands in the statement of another day"
    MATCHED = "matched", "matched", "order and statement agree"


DIFFERENCES = tuple(c for c in ReconcileClass if c.value not in ("outside", "unsettled", "matched"))
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
