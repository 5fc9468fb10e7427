"""Defines one operation of a merchant, as a workload requests it."""

from __future__ import annotations

from typing import NamedTuple

from ..contract.codec.codec import Payment, Refund
from ..core.operation import OperationKind

__all__ = ["OperationRequest"]


class OperationRequest(NamedTuple):
    """One operation of a merchant, with instructions for the gateway."""

    kind: OperationKind
    payment: Payment
    ordinal: int
    """The order's number in the run, from 1; keyed random decisions use it."""
    attempt: int
    """Counts the order's submits, or its operations of another kind, from 1."""
    node: str = ""
    hold: str = ""
    """``ack:TOKEN``, ``pass:TOKEN`` or ``barrier:GROUP:N``; see the gateway's README."""
    token: str = ""
    inject: str = ""
    """A fault that must hit exactly this operation."""
    refund: Refund | None = None
    """What is to be given back; ``None`` for what is no refund."""
    variation: str = ""
    """How the request differs from the usual one; see ``Begin.variation``."""

    @property
    def sent_minor(self) -> int:
        """The amount that the request is about."""
        return self.payment.amount_minor if self.refund is None else self.refund.amount_minor
