"""The edge: rules of the gateway, which follows their schedules itself and tells of every operation that one fired on."""

from __future__ import annotations

from collections.abc import Sequence

from ..environments.base import EDGE
from .base import ActiveFault, Injector

__all__ = ["EdgeInjector"]


class EdgeInjector(Injector):
    keeps_schedules = True

    async def apply(self, active: Sequence[ActiveFault]) -> None:
        rules = [armed.spec.to_rule(armed.since_ns) for armed in active]
        around = self.around
        await around.call(around.environment.chaos.set_rules, EDGE, seed=around.seed, rules=rules)
