"""Pass the faults of the edge to the gateway, which follows their schedules and reports the operations they hit."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.faults import ActiveFault, EdgeFault
from ..environments.base import EDGE
from .base import Injector

__all__ = ["EdgeInjector"]


class EdgeInjector(Injector[EdgeFault]):
    keeps_schedules = True

    _asked = False
    """Whether the provider was asked how it says that there is no such order."""

    async def apply(self, active: Sequence[ActiveFault[EdgeFault]]) -> None:
        if not self._asked and any(armed.fault.needs_history for armed in active):
            self._asked = True
            await self.run.environment.show_not_found()
        rules = [armed.fault.to_rule(armed.since_ns) for armed in active]
        run = self.run
        await run.call(run.environment.chaos.set_rules, EDGE, seed=run.seed, rules=rules)
