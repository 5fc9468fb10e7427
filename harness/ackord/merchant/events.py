"""Defines what a merchant's policy is told, and what it asks for. Both are plain data."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ..core.operation import Observation, OperationKind
from ..core.payment_state import PaymentState

__all__ = [
    "Action",
    "Answered",
    "CallbackArrived",
    "Conclude",
    "Conclusion",
    "Event",
    "Send",
    "Unanswered",
    "WakeAt",
    "Woken",
]


class Answered(NamedTuple):
    """A call got an answer."""

    call: int
    """The number of the call, from ``Send``."""
    observation: Observation
    state: PaymentState = PaymentState.UNKNOWN
    genuine: bool = True
    """Whether its signature is right; answers of a provider that signs nothing are genuine."""
    retry_after_ns: int | None = None
    """How long the provider asked to wait, in nanoseconds."""


class Unanswered(NamedTuple):
    """A call got no answer: a time-out, a reset."""

    call: int


class CallbackArrived(NamedTuple):
    """A callback about one of the merchant's order numbers."""

    number: int
    """Which of the intent's order numbers, from 0."""
    state: PaymentState
    genuine: bool = True
    """Whether its signature is right."""


class Woken(NamedTuple):
    """The instant of the last ``WakeAt`` has come."""


Event = Answered | Unanswered | CallbackArrived | Woken


class Conclusion(StrEnum):
    """What a merchant took for the end of an intent."""

    PAID = "paid"
    FAILED = "failed"
    """It reads the payment as failed and pays no further number."""
    STUCK = "stuck"
    """It does not know, does nothing more by itself, and asks a person."""


class Send(NamedTuple):
    """Send a request."""

    call: int
    """Numbers the calls of an intent, from 1."""
    kind: OperationKind
    """SUBMIT, RESUBMIT or QUERY."""
    number: int
    """Which of the intent's order numbers it carries, from 0. A new one is another payment to the provider."""
    other_node: bool = False
    """Whether it goes to another node of the provider than usual."""


class WakeAt(NamedTuple):
    """Give ``Woken`` at this instant. It replaces the one before it."""

    at_ns: int


class Conclude(NamedTuple):
    """The merchant is done with the intent. No action follows."""

    conclusion: Conclusion
    why: str
    """A few words for people."""


Action = Send | WakeAt | Conclude
