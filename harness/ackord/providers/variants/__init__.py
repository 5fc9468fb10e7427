"""Register every variant of the reference provider, flawed and correct, by name.

A variant is a subclass of ``PaymentService`` that overrides one seam. ``ackord.providers.flaws`` describes each, with
the guarantee that catches it.
"""

from __future__ import annotations

from ..service.payment_service import PaymentService
from . import (
    acknowledgement,
    callbacks,
    causal,
    correct,
    dedup,
    keys,
    lookup,
    money,
    reads,
    replies,
    sandbox,
    settlement,
    statements,
    taking_back,
)
from .base import VARIANTS

__all__ = ["FAMILIES", "VARIANTS", "variant_named"]

FAMILIES = (
    correct,
    causal,
    reads,
    lookup,
    dedup,
    keys,
    replies,
    sandbox,
    settlement,
    acknowledgement,
    money,
    callbacks,
    taking_back,
    statements,
)
"""Modules that enter their variants into ``VARIANTS`` when they are imported."""


def variant_named(name: str | None) -> type[PaymentService]:
    """Return a variant; ``None`` is the default, ``primary-reads``. Raises ``UnknownNameError``."""
    return VARIANTS.get(name or "primary-reads")
