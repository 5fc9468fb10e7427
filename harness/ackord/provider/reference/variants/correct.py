"""Correct providers: different ways to keep the promise that an acknowledged order is visible."""

from __future__ import annotations

from ..service import Service
from .base import variant


@variant("primary-reads")
class PrimaryReads(Service):
    """Queries read where orders are written. Nothing to override."""
