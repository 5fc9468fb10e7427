"""Every way in which the reference provider can be built: the flawed ones and the correct ones, by name.

A variant is a subclass of ``Service`` that overrides one seam. What each is about, and which guarantee catches it, stands in ``ackord.provider.flaws``.
"""

from __future__ import annotations

from ....core.registry import Registry
from ..service import Service
from . import correct, reads
from .base import VARIANTS

__all__ = ["VARIANTS", "variant_named"]

_FAMILIES = (correct, reads)


def variant_named(name: str | None) -> type[Service]:
    """Raises ``UnknownNameError``. ``None`` is the default, ``primary-reads``."""
    variants: Registry[type[Service]] = VARIANTS
    return variants.get(name or "primary-reads")
