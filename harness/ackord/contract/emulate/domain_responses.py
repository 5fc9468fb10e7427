"""Defines the responses of a provider's domain; a contract or a dialect renders them as HTTP.

A response holds facts, not wording: ``OrderResponse`` shows an order, ``Refusal`` gives the reason why none is shown.
Status codes, error codes and body shapes belong to the API.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from ...core.payment_state import PaymentState

__all__ = [
    "STATES",
    "BalanceResponse",
    "MovementsResponse",
    "OrderResponse",
    "PrerequisiteMet",
    "ProviderMovement",
    "ProviderOrder",
    "ProviderRefund",
    "ProviderResponse",
    "ReceivedOrder",
    "RefundResponse",
    "Refusal",
    "RefusalKind",
    "ResponseReason",
]


STATES = {
    "ACCEPTED": PaymentState.RECEIVED,
    "PROCESSING": PaymentState.PROCESSING,
    "PAID": PaymentState.SUCCEEDED,
    "FAILED": PaymentState.FAILED,
    "DECLINED": PaymentState.DECLINED,
    "CANCELLED": PaymentState.CANCELLED,
    "RETURNED": PaymentState.RETURNED,
}
"""The payment state of each status of the service."""


class ReceivedOrder(NamedTuple):
    """A payout order as the merchant sends it."""

    order_no: str
    amount: int
    """In minor units."""
    currency: str
    payee: str


class ProviderOrder(NamedTuple):
    """An order as stored by the provider."""

    provider_id: str
    account: str
    order_no: str
    amount: int
    currency: str
    payee: str
    status: str
    """ACCEPTED, PROCESSING, PAID, FAILED, DECLINED, CANCELLED or RETURNED."""
    node: str
    """The node that accepted it and completes it."""

    @property
    def submission(self) -> ReceivedOrder:
        return ReceivedOrder(*self[2:6])

    @property
    def ended(self) -> bool:
        """Whether its status is terminal."""
        return self.status not in ("ACCEPTED", "PROCESSING")


class ProviderRefund(NamedTuple):
    """A refund as stored by the provider."""

    refund_id: str
    refund_no: str
    """Empty where refunds have no numbers."""
    order_id: str
    """The provider's identifier of the order."""
    account: str
    order_no: str
    amount: int
    currency: str
    node: str
    """The node that accepted it and completes it."""


class ProviderMovement(NamedTuple):
    """One movement of money in the provider's ledger."""

    id: int
    account: str
    order_no: str
    provider_id: str
    amount: int
    kind: str
    """``payout``, ``return`` or ``refund``."""
    at_s: int = 0
    """When it was booked, in seconds since 1970."""
    currency: str = ""
    """That of its order; empty where it is not known."""
    refund_no: str = ""
    """The number of the refund that it belongs to, if any."""


class ResponseReason(StrEnum):
    """The reason why an order is shown."""

    ACCEPTED = "accepted"
    """It was submitted for the first time."""
    ACCEPTED_AGAIN = "accepted_again"
    """It was submitted before; the original answer is repeated, whatever its status is now."""
    REPLAYED = "replayed"
    """It was submitted before; the current order is shown."""
    SHOWN = "shown"
    """It was queried."""
    CANCELLED = "cancelled"


class OrderResponse(NamedTuple):
    """An order is shown."""

    order: ProviderOrder
    telling: ResponseReason


class RefundResponse(NamedTuple):
    """A refund was accepted."""

    refund: ProviderRefund
    again: bool
    """Whether it was accepted before, under the same number."""


class RefusalKind(StrEnum):
    """The reason why nothing is shown."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    """The number belongs to an order with another payload."""
    DUPLICATE_POINTER = "duplicate_pointer"
    """The number is taken, by the order that the answer names."""
    DUPLICATE_PLAIN = "duplicate_plain"
    """The number is taken; the answer says nothing else."""
    IN_PROGRESS = "in_progress"
    """An earlier request with this number is still being worked on."""
    REJECTED = "rejected"
    """Refused for good: reads as a failure of the order."""
    BUSY = "busy"
    """Nothing was executed; the same request may be sent again."""
    UNAVAILABLE = "unavailable"
    """Out of order; the request may have been executed nevertheless."""
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    TOO_LATE_TO_CANCEL = "too_late_to_cancel"
    NOT_REFUNDABLE = "not_refundable"
    """The order was not paid, or less of it is left than was asked for."""
    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED = "unauthorized"
    """The caller is unknown."""
    FORBIDDEN = "forbidden"
    """The caller has no permission."""


class Refusal(NamedTuple):
    kind: RefusalKind
    message: str
    order: ProviderOrder | None = None
    """The order to disclose in the refusal, if any. In a CONFLICT this leaks it to a caller who may not know it."""


class MovementsResponse(NamedTuple):
    """Movements in the order of their booking."""

    movements: tuple[ProviderMovement, ...]
    next: int
    """The last id that was read; the next page begins there."""


class BalanceResponse(NamedTuple):
    """The sums that left an account and came back, in minor units."""

    account: str
    paid_out: int
    returned: int


class PrerequisiteMet(NamedTuple):
    """A prerequisite is met: a quote, a recipient, a consent. The writer generates the values that it gives."""

    name: str


ProviderResponse: TypeAlias = (
    OrderResponse | RefundResponse | Refusal | MovementsResponse | BalanceResponse | PrerequisiteMet
)
