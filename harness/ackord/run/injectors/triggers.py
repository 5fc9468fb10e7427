"""Injects and heals the faults that are done and undone; what was done is its own evidence."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.faults import ActiveFault, Seam, TriggeredFault
from .base import Injector, InjectorContext, Json

__all__ = ["TriggerInjector"]


class TriggerInjector(Injector[TriggeredFault]):
    def __init__(self, run: InjectorContext, seam: Seam) -> None:
        super().__init__(run, seam)
        self._injected: list[ActiveFault[TriggeredFault]] = []

    async def apply(self, active: Sequence[ActiveFault[TriggeredFault]]) -> None:
        for armed in [armed for armed in self._injected if armed not in active]:
            self._injected.remove(armed)
            assert armed.injected is not None
            done, armed.injected = armed.injected, None
            if "node" in done:
                self.run.held_nodes.remove(done["node"])
            await armed.fault.heal(self.run, done)
        for armed in active:
            if armed.injected is None:
                done_now = await armed.fault.inject(self.run)
                if done_now is not None:
                    armed.injected = armed.proof = done_now
                    self._injected.append(armed)
                    if "node" in done_now:
                        self.run.held_nodes.append(done_now["node"])

    async def trigger(self, fault: TriggeredFault) -> Json | None:
        return await fault.inject(self.run)
