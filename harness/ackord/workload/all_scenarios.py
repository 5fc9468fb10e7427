"""Collects the scenarios of all families: importing this registers them."""

from __future__ import annotations

from . import cancel_scenarios, key_scenarios, refund_scenarios, sandbox_scenarios
from .scenario_base import operations_needed
from .scenarios import SCENARIOS

__all__ = ["FAMILIES", "NEEDS", "SCENARIOS", "operations_needed"]

FAMILIES = (key_scenarios, sandbox_scenarios, cancel_scenarios, refund_scenarios)
"""Modules that enter further scenarios into ``SCENARIOS`` when they are imported."""
NEEDS = {"sandbox-trigger": "sandbox_triggers"}
"""The section of a contract without which a scenario has nothing to play."""
