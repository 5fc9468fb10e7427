"""Defines the faults that are done and undone: a crash, an outage of a node, a hook of the contract."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .base import Fault, Json, RunControl, Seam

__all__ = ["NodeOutage", "TriggeredFault"]


class TriggeredFault(Fault):
    """A fault that is injected by one call, at an instant or when an outage begins, and taken back by another one."""

    seams: ClassVar[tuple[Seam, ...]] = (Seam.PROCESS, Seam.DATABASE, Seam.NETWORK, Seam.HOOK)

    async def inject(self, run: RunControl) -> Json | None:
        """Inject the fault; return its evidence, or ``None`` if nothing could be hit. Raises ``EnvironmentFailed``.

        ``node`` in the result is held by the fault until it is healed: no other fault hits it.
        """
        raise NotImplementedError

    async def heal(self, run: RunControl, injected: Json) -> None:
        """Undo what ``inject`` returned. Not called for an instantaneous fault. Raises ``EnvironmentFailed``."""
        raise NotImplementedError


class NodeOutage(TriggeredFault):
    """A node that serves nobody for a while."""

    do: ClassVar[str]
    """The request of the control interface that begins the outage."""
    undo: ClassVar[str]
    """The one that ends it."""

    node: str = Field(default="", description="Which node; left out: each in turn, one an outage.")

    async def inject(self, run: RunControl) -> Json | None:
        node = self.node or run.free_node()
        return None if node is None else {"node": node, **await run.control(self.do, node=node)}

    async def heal(self, run: RunControl, injected: Json) -> None:
        await run.control(self.undo, node=injected["node"])
