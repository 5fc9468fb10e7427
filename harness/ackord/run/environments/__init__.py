"""Choose the environment that a plan asks for."""

from __future__ import annotations

from ...errors import UsageError
from ..options.plan import RunPlan
from .base import Environment
from .external import ExternalEnvironment
from .managed import MANAGED

__all__ = ["open_environment"]


def open_environment(plan: RunPlan) -> Environment:
    """The surroundings that a plan asks for, not yet started. Raises ``UsageError`` for a target that is refused."""
    if plan.target in MANAGED:
        return MANAGED[plan.target](plan)
    if plan.flaw:
        raise UsageError(
            "--flaw is for the reference provider and the emulator; it has no meaning for a provider at an address"
        )
    return ExternalEnvironment(plan)
