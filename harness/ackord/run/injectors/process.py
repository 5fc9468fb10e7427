"""The provider's processes, its database servers and its network. What was done to one is its own evidence: it is told when the process has been hit, not when it was meant to be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ...chaos.faults import FaultSpec
from .base import ActiveFault, Injector, InjectorContext, Json

__all__ = ["ProcessInjector"]

_DO_AND_UNDO = {
    "node-pause": ("pause", "resume"),
    "node-down": ("kill", "revive"),
    "node-disconnected": ("disconnect", "connect"),
}


class ProcessInjector(Injector):
    def __init__(self, around: InjectorContext) -> None:
        super().__init__(around)
        self._turns = itertools.count()
        self._hit: dict[int, tuple[FaultSpec, str]] = {}
        """``id`` of a fault in force -> it, and the node that it holds."""
        self._proofs: dict[int, Json] = {}

    async def apply(self, active: Sequence[ActiveFault]) -> None:
        wanted = {id(a.spec): a.spec for a in active}
        for key, (spec, node) in list(self._hit.items()):
            if key not in wanted:
                del self._hit[key]
                await self.around.reference(_DO_AND_UNDO[spec.name][1], node=node)
        for key, spec in wanted.items():
            if key not in self._hit:
                chosen: str | None = spec.params["node"] or self._next_node()
                if chosen is not None:
                    self._proofs[key] = await self.around.reference(_DO_AND_UNDO[spec.name][0], node=chosen)
                    self._hit[key] = (spec, chosen)

    async def strike(self, spec: FaultSpec) -> Json | None:
        if spec.name == "failover":
            self.around.environment.spent = True
            return await self.around.reference("failover")
        node = self._next_node()
        return await self.around.reference("crash", node=node) if node is not None else None

    async def evidence(self, armed: ActiveFault) -> Json | None:
        return self._proofs.get(id(armed.spec))

    def _next_node(self) -> str | None:
        """The next in turn that no other fault holds; ``None``: all are held."""
        held = {node for _, node in self._hit.values()}
        free = [node for node in self.around.environment.nodes if node not in held]
        return free[next(self._turns) % len(free)] if free else None
