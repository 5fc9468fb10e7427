"""Defines the states of a payment, their order, and the legal transitions.

Theory. Seen from outside, an order's status is a register that only increases: NOT_FOUND < RECEIVED < PROCESSING < {
SUCCEEDED, FAILED, CANCELLED, DECLINED }, of which the last four are terminal.

The *rank* of a state says how much it knows. An answer that began after another one was complete must not know less; if
it does, that is a regression. Two different terminal states have the same rank and contradict each other; that is a
conflict. A terminal state can only be left along a declared later edge, within its horizon: SUCCEEDED -> RETURNED (the
beneficiary's bank sent the money back), or SUCCEEDED -> FAILED (some providers report a late failure of a payment that
they called paid).

``RETURNED`` therefore ranks above the terminal states: only ``RETURNED`` may follow it, unless a later edge is
declared.

``UNKNOWN`` stands for a status that the contract does not map. It carries no knowledge, proves nothing, and is never
read as ``FAILED``. ``DECLINED`` is a business answer (the bank refused this payee); ``FAILED`` is a claim of the
system. Both say that no money moves.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["MONEY_MOVED", "NO_MONEY", "RANK", "TERMINAL", "LaterEdge", "PaymentState"]


class PaymentState(IntEnum):
    """Values are stable (journals hold the names); compare knowledge with ``RANK``, not with the values."""

    UNKNOWN = 0
    NOT_FOUND = 1
    RECEIVED = 2
    PROCESSING = 3
    SUCCEEDED = 4
    FAILED = 5
    CANCELLED = 6
    DECLINED = 7
    RETURNED = 8


_S = PaymentState

RANK: tuple[int, ...] = (-1, 0, 1, 2, 3, 3, 3, 3, 4)
"""``RANK[state]``: how much a state knows; -1 for UNKNOWN, which neither raises the highest known rank nor regresses
from it.
"""

TERMINAL = frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELLED, _S.DECLINED, _S.RETURNED})
MONEY_MOVED = frozenset({_S.SUCCEEDED, _S.RETURNED})
"""States that say that the money left."""
NO_MONEY = frozenset({_S.FAILED, _S.CANCELLED, _S.DECLINED})
"""States that say that no money moves. A naive merchant pays again after them."""


class LaterEdge(NamedTuple):
    """A legal transition out of a terminal state, open for ``within_ns`` after that state was first seen (``None``: for
    ever).
    """

    source: PaymentState
    target: PaymentState
    within_ns: int | None = None
