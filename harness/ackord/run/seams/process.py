"""The provider's processes. A blow is its own evidence: it is recorded when the process has been hit, not when it was meant to be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ...chaos.faults import FaultSpec
from .base import Armed, Json, SeamDriver, Surroundings

__all__ = ["ProcessDriver"]


class ProcessDriver(SeamDriver):
    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._turns = itertools.count()

    async def apply(self, active: Sequence[Armed]) -> None:
        raise NotImplementedError

    async def strike(self, spec: FaultSpec) -> Json:
        nodes = self.around.environment.nodes
        return await self.around.reference("crash", node=nodes[next(self._turns) % len(nodes)])
