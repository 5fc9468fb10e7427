"""Every way in which the reference provider can be built: the flawed ones and the correct ones, by name.

A variant is a subclass of ``PaymentService`` that overrides one seam. What each is about, and which guarantee catches it, stands in ``ackord.providers.flaws``.
"""

from __future__ import annotations

from ..service.payment_service import PaymentService
from . import acknowledgement, causal, correct, dedup, lookup, reads, replies, settlement
from .base import VARIANTS

__all__ = ["FAMILIES", "VARIANTS", "variant_named"]

FAMILIES = (correct, causal, reads, lookup, dedup, replies, settlement, acknowledgement)
"""Modules that enter their variants into ``VARIANTS`` when they are imported."""


def variant_named(name: str | None) -> type[PaymentService]:
    """Raises ``UnknownNameError``. ``None`` is the default, ``primary-reads``."""
    return VARIANTS.get(name or "primary-reads")
