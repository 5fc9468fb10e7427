"""Pass the faults of the edge to the gateway, which follows their schedules and reports the operations they hit."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.faults import ActiveFault, EdgeFault
from ..environments.base import EDGE
from .base import Injector

__all__ = ["EdgeInjector"]


class EdgeInjector(Injector[EdgeFault]):
    keeps_schedules = True

    async def apply(self, active: Sequence[ActiveFault[EdgeFault]]) -> None:
        rules = [armed.fault.to_rule(armed.since_ns) for armed in active]
        run = self.run
        await run.call(run.environment.chaos.set_rules, EDGE, seed=run.seed, rules=rules)
