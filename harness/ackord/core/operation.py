"""Define the vocabularies of a history: operations, outcomes, observations, vantages, and what counts as acknowledged.

To add an operation, add its kind and its row in ``OPERATION_FACTS`` here, and its section and row in ``contract/spec/model.py``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "OPERATION_FACTS",
    "ORDER_OPERATIONS",
    "SUBMITS",
    "WRITES",
    "Observation",
    "OperationFacts",
    "OperationKind",
    "Outcome",
    "Vantage",
    "acknowledges",
]


class Vantage(StrEnum):
    """Where an exchange was seen."""

    MERCHANT = "merchant"
    """What the merchant's client sent and got."""
    PROVIDER = "provider"
    """What reached the provider and what it answered, seen on the far side of the gateway."""


class OperationKind(StrEnum):
    """What is asked of a provider."""

    SUBMIT = "submit"
    """The first request for an order number."""
    RESUBMIT = "resubmit"
    """Any later request that carries the same order number, with the same payload or with another one."""
    QUERY = "query"
    LEDGER = "ledger"
    """A reading of the provider's movements of money: the oracle of *one movement*. Not a merchant's operation."""
    STATEMENT = "statement"
    CANCEL = "cancel"


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


class OperationFacts(NamedTuple):
    """What is true of all operations of a kind, whatever the provider."""

    writes: bool
    """The operation changes what happens to money. A write without a readable answer is indeterminate."""
    observations: frozenset[Observation]
    """What an answer may say of the order. Empty: the operation is not about one order, and its answers are lists of movements."""


_SUBMIT_FACTS = OperationFacts(True, frozenset(Observation) - {Observation.NOT_FOUND, Observation.DEFERRED})
OPERATION_FACTS: dict[OperationKind, OperationFacts] = {
    OperationKind.SUBMIT: _SUBMIT_FACTS,
    OperationKind.RESUBMIT: _SUBMIT_FACTS,
    OperationKind.QUERY: OperationFacts(
        False, frozenset(Observation) - {Observation.ACK, Observation.DUPLICATE, Observation.CONFLICT}
    ),
    OperationKind.CANCEL: OperationFacts(True, frozenset(Observation) - {Observation.DEFERRED}),
    OperationKind.LEDGER: OperationFacts(False, frozenset()),
    OperationKind.STATEMENT: OperationFacts(False, frozenset()),
}
"""The facts of every kind. ``contract/spec/model.py`` adds where a contract describes the operation."""
WRITES = frozenset(kind for kind, facts in OPERATION_FACTS.items() if facts.writes)
SUBMITS = frozenset({OperationKind.SUBMIT, OperationKind.RESUBMIT})
"""Operations that carry a payment."""
ORDER_OPERATIONS = frozenset(kind for kind, facts in OPERATION_FACTS.items() if facts.observations)
"""Operations about one order: a merchant performs them, and their answers are observations."""

_ACK = Observation.ACK


def acknowledges(kind: OperationKind, observation: Observation | None) -> bool:
    """Return whether an answer acknowledges the order: the provider has taken it and owes the merchant its fate.

    The only definition. The judge, the merchant's order book, the gateway and the simulation all use it.
    """
    return observation is _ACK and kind in SUBMITS
