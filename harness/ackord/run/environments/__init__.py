"""Choose the environment that a plan asks for."""

from __future__ import annotations

from ...errors import UsageError
from ...providers.topology.compose_system import is_compose_file
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
    # Systems of several nodes bring drivers of databases, which are not imported where there are none.
    if is_compose_file(plan.target):
        from .compose import ComposeEnvironment

        return ComposeEnvironment(plan)
    if plan.contract.contract.has_topology_at(plan.target):
        from .topology import TopologyEnvironment

        return TopologyEnvironment(plan)
    return ExternalEnvironment(plan)
