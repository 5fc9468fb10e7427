"""Defines the vocabularies of a history: operations, outcomes, observations, vantages, and what counts as acknowledged
and as known.

To add an operation, add its kind and its row in ``OPERATION_FACTS`` here, and its section and its row of
``OPERATIONS`` in ``contract/spec/model.py``.
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
    "knows",
]


class Vantage(StrEnum):
    """The place where an exchange was observed."""

    MERCHANT = "merchant"
    """Requests as the merchant's client sent them and answers as it received them."""
    PROVIDER = "provider"
    """Requests as they reached the provider and its answers, observed between gateway and provider."""


class OperationKind(StrEnum):
    """What is asked of a provider."""

    SUBMIT = "submit"
    """The first request for an order number."""
    RESUBMIT = "resubmit"
    """Any later request that carries the same order number, with the same payload or with another one."""
    QUERY = "query"
    LEDGER = "ledger"
    """A reading of the provider's movements of money, which *one movement* is judged by. It is not a merchant's
    operation.
    """
    STATEMENT = "statement"
    CANCEL = "cancel"
    """Takes an order back before it is paid."""
    REFUND = "refund"
    """Gives money of a paid order back, all of it or a part, under a number of its own."""


class Outcome(StrEnum):
    """Whether an operation happened."""

    OK = "ok"
    FAIL = "fail"
    """It did not happen, for certain."""
    INFO = "info"
    """Indeterminate: a time-out, a reset, an answer that cannot be read. It may still happen later."""


class Observation(StrEnum):
    """The meaning of an answer according to the contract."""

    ACK = "ACK"
    """A submit or resubmit was accepted, or its original answer was given again."""
    STATUS = "STATUS"
    """A query's answer shows the order with a status."""
    NOT_FOUND = "NOT_FOUND"
    DUPLICATE = "DUPLICATE"
    """The number is known already; the answer may point to the original (``provider_id``)."""
    CONFLICT = "CONFLICT"
    """The number is known with another payload; the request was refused."""
    IN_PROGRESS = "IN_PROGRESS"
    """An earlier request with this number is still being worked on."""
    REJECTED = "REJECTED"
    """Refused for good; reads as a failure of the order."""
    RETRYABLE = "RETRYABLE"
    """A transient error: nothing was decided, the same request may be sent again."""
    DEFERRED = "DEFERRED"
    """The query was accepted and its result comes by a callback. It never stands in a history; the callback's
    observation does.
    """
    UNREADABLE = "UNREADABLE"
    """No rule of the contract reads this answer (HTML, a truncated body, an undeclared status code)."""


class OperationFacts(NamedTuple):
    """Properties of all operations of a kind, for every provider."""

    writes: bool
    """The operation changes what happens to money. A write without a readable answer is indeterminate."""
    observations: frozenset[Observation]
    """What an answer may say of the order.

    Empty: the operation is not about one order, and its answers are lists of movements.
    """


_SUBMIT_FACTS = OperationFacts(True, frozenset(Observation) - {Observation.NOT_FOUND, Observation.DEFERRED})
OPERATION_FACTS: dict[OperationKind, OperationFacts] = {
    OperationKind.SUBMIT: _SUBMIT_FACTS,
    OperationKind.RESUBMIT: _SUBMIT_FACTS,
    OperationKind.QUERY: OperationFacts(
        False, frozenset(Observation) - {Observation.ACK, Observation.DUPLICATE, Observation.CONFLICT}
    ),
    OperationKind.CANCEL: OperationFacts(True, frozenset(Observation) - {Observation.DEFERRED}),
    OperationKind.REFUND: OperationFacts(True, frozenset(Observation) - {Observation.DEFERRED}),
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
_WORKED_ON = frozenset({*SUBMITS, OperationKind.QUERY})


def acknowledges(kind: OperationKind, observation: Observation | None) -> bool:
    """Return whether an answer acknowledges the order: the provider has accepted it and is responsible for its outcome.

    This is the only definition. The judge, the merchant's order book, the gateway and the simulation all use it.
    """
    return observation is _ACK and kind in SUBMITS


def knows(kind: OperationKind, observation: Observation | None) -> bool:
    """Return whether an answer is the provider's word that it has the order: an acknowledgement, DUPLICATE or
    IN_PROGRESS.

    This is the only definition. The judge and the merchant's order book use it. ``StatusIndex.known`` says from which
    instant on such an answer binds the provider.
    """
    if observation is Observation.IN_PROGRESS:
        return kind in _WORKED_ON
    return acknowledges(kind, observation) or (observation is Observation.DUPLICATE and kind in SUBMITS)
