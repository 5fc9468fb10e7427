"""What a provider is asked and what it replies, whatever the words of its API: a contract, or a dialect, turns these into HTTP and back.

A reply says what is so, not how it is told: ``OrderResponse`` shows an order, ``Refusal`` says why there is nothing to show. How many status codes, error codes and
shapes of bodies an API has for them is the API's own affair.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

__all__ = [
    "BalanceResponse",
    "MovementsResponse",
    "OrderResponse",
    "PrerequisiteMet",
    "ProviderMovement",
    "ProviderOrder",
    "ProviderResponse",
    "ReceivedOrder",
    "Refusal",
    "RefusalKind",
    "ResponseReason",
]


class ReceivedOrder(NamedTuple):
    """A payout order as the merchant sends it."""

    order_no: str
    amount: int
    """In minor units."""
    currency: str
    payee: str


class ProviderOrder(NamedTuple):
    """An order as the provider has it."""

    provider_id: str
    account: str
    order_no: str
    amount: int
    currency: str
    payee: str
    status: str
    """ACCEPTED, PROCESSING, PAID, FAILED, DECLINED, CANCELLED or RETURNED."""
    node: str
    """The node that took it, which also sees it through."""

    @property
    def submission(self) -> ReceivedOrder:
        return ReceivedOrder(*self[2:6])


class ProviderMovement(NamedTuple):
    """One movement of money in the provider's ledger."""

    id: int
    account: str
    order_no: str
    provider_id: str
    amount: int
    kind: str
    """``payout`` or ``return``."""
    at_s: int = 0
    """When it was booked, in seconds since 1970."""


class ResponseReason(StrEnum):
    """On what occasion an order is shown."""

    ACCEPTED = "accepted"
    """It was submitted for the first time."""
    ACCEPTED_AGAIN = "accepted_again"
    """It was submitted before: the original answer once more, whatever became of it since."""
    REPLAYED = "replayed"
    """It was submitted before: the order as it stands."""
    SHOWN = "shown"
    """It was asked for."""
    CANCELLED = "cancelled"


class OrderResponse(NamedTuple):
    """An order is shown."""

    order: ProviderOrder
    telling: ResponseReason


class RefusalKind(StrEnum):
    """Why there is nothing to show."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    """The number is taken by an order of another content."""
    DUPLICATE_POINTER = "duplicate_pointer"
    """The number is taken, by the order that is pointed to."""
    DUPLICATE_PLAIN = "duplicate_plain"
    """The number is taken: not a word more."""
    IN_PROGRESS = "in_progress"
    """An earlier request with this number is still being worked on."""
    REJECTED = "rejected"
    """Refused for good: reads as a failure of the order."""
    BUSY = "busy"
    """Nothing was done; the same request may be sent again."""
    UNAVAILABLE = "unavailable"
    """Out of order: what was asked may have been done all the same."""
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    TOO_LATE_TO_CANCEL = "too_late_to_cancel"
    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED = "unauthorized"
    """Nobody knows who asks."""
    FORBIDDEN = "forbidden"
    """Whoever asks may not have it."""


class Refusal(NamedTuple):
    kind: RefusalKind
    message: str
    order: ProviderOrder | None = None
    """What the refusal tells of an order: the one that it points to. In a CONFLICT it is given away to somebody who may not know it."""


class MovementsResponse(NamedTuple):
    """Movements in the order of their booking."""

    movements: tuple[ProviderMovement, ...]
    next: int
    """The last id that was seen; where the next page begins."""


class BalanceResponse(NamedTuple):
    """What left an account and what came back, in minor units."""

    account: str
    paid_out: int
    returned: int


class PrerequisiteMet(NamedTuple):
    """A prerequisite is met: a quote, a recipient, a consent. What it gives is made up by whoever tells it."""

    name: str


ProviderResponse: TypeAlias = OrderResponse | Refusal | MovementsResponse | BalanceResponse | PrerequisiteMet
