"""What a merchant does, how it came out, and what the answer said: the three vocabularies of a history."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["WRITES", "Observation", "OperationKind", "Outcome", "Vantage"]


class Vantage(StrEnum):
    """Where an exchange was seen."""

    MERCHANT = "merchant"
    """What the merchant's client sent and got."""
    PROVIDER = "provider"
    """What reached the provider and what it answered, seen on the far side of the gateway."""


class OperationKind(StrEnum):
    SUBMIT = "submit"
    """The first request for an order number."""
    RESUBMIT = "resubmit"
    """Any later request that carries the same order number, with the same payload or with another one."""
    QUERY = "query"
    LEDGER = "ledger"
    """A reading of the provider's movements of money: the oracle of *one movement*. Not a merchant's operation."""
    STATEMENT = "statement"
    CANCEL = "cancel"


WRITES = frozenset({OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.CANCEL})


class Outcome(StrEnum):
    """Whether an operation happened."""

    OK = "ok"
    FAIL = "fail"
    """It certainly did not happen."""
    INFO = "info"
    """Indeterminate: a time-out, a reset, an answer that cannot be read. It may still happen later."""


class Observation(StrEnum):
    """What the contract makes of an answer."""

    ACK = "ACK"
    """A submit or resubmit was accepted, or its original answer was given again."""
    STATUS = "STATUS"
    """A query's answer shows the order, in a state."""
    NOT_FOUND = "NOT_FOUND"
    DUPLICATE = "DUPLICATE"
    """The number is known already; the answer may point to the original (``provider_id``)."""
    CONFLICT = "CONFLICT"
    """The number is known with another payload; the request was refused."""
    IN_PROGRESS = "IN_PROGRESS"
    """An earlier request with this number is still being worked on."""
    REJECTED = "REJECTED"
    """Refused for good: reads as a failure of the order."""
    RETRYABLE = "RETRYABLE"
    """A transient error: nothing was decided, the same request may be sent again."""
    DEFERRED = "DEFERRED"
    """The query was taken; its result comes by a callback. It is never in a history: what the callback says is."""
    UNREADABLE = "UNREADABLE"
    """No reading of this answer is in the contract (HTML, a cut body, an undeclared status code)."""
