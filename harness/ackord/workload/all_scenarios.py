"""Collects the scenarios of all families: importing this registers them."""

from __future__ import annotations

from . import key_scenarios
from .scenarios import SCENARIOS

__all__ = ["FAMILIES", "SCENARIOS"]

FAMILIES = (key_scenarios,)
"""Modules that enter further scenarios into ``SCENARIOS`` when they are imported."""
