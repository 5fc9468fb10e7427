"""The states of a payment, their order, and the edges that are legal. All of it in one place.

Theory. Seen from outside, an order's status is a register that only goes up::

    NOT_FOUND < RECEIVED < PROCESSING < { SUCCEEDED, FAILED, CANCELLED, DECLINED }  (terminal)

The *rank* of a state says how much it knows. An answer that began after another one was complete must not know less:
that is a regression. Two different terminal states have the same rank and contradict each other: that is a conflict. The only way out
of a terminal state is a declared later edge, with a horizon::

    SUCCEEDED -> RETURNED    (the beneficiary's bank sent the money back)
    SUCCEEDED -> FAILED      (some providers report a late failure of what they called paid)

``RETURNED`` therefore ranks above the terminal states: once seen, nothing but ``RETURNED`` may follow, unless declared.

``UNKNOWN`` is what a contract makes of a status that it has no mapping for. It carries no knowledge, proves nothing, and is never read
as ``FAILED``. ``DECLINED`` is a business answer (the bank refused this payee); ``FAILED`` is a claim of the system. Both say that no
money moves.
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
"""``RANK[state]``: how much a state knows; -1 for UNKNOWN, which neither raises nor breaks a floor."""

TERMINAL = frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELLED, _S.DECLINED, _S.RETURNED})
MONEY_MOVED = frozenset({_S.SUCCEEDED, _S.RETURNED})
"""States that say that the money left."""
NO_MONEY = frozenset({_S.FAILED, _S.CANCELLED, _S.DECLINED})
"""States that say that no money moves: what a naive merchant pays again upon."""


class LaterEdge(NamedTuple):
    """A legal way out of a terminal state, open for ``within_ns`` after the first sight of it (``None``: for ever)."""

    source: PaymentState
    target: PaymentState
    within_ns: int | None = None
