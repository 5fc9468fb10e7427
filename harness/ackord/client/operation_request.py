"""One operation of a merchant, as a workload asks for it."""

from __future__ import annotations

from typing import NamedTuple

from ..contract.codec.codec import Payment
from ..core.operation import OperationKind

__all__ = ["OperationRequest"]


class OperationRequest(NamedTuple):
    """One operation of a merchant, and what the gateway is asked to do with it."""

    kind: OperationKind
    payment: Payment
    ordinal: int
    """The order's number in the run, from 1: what keyed decisions are keyed by."""
    attempt: int
    """Counts the order's writes, or its queries, from 1."""
    node: str = ""
    hold: str = ""
    """``ack:TOKEN``, ``pass:TOKEN`` or ``barrier:GROUP:N``; see the gateway's README."""
    token: str = ""
    do: str = ""
    """A fault that is to hit exactly this operation."""
