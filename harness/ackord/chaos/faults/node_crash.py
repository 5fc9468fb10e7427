"""Nodes that crash."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .triggers import TriggeredFault

__all__ = ["NodeCrash"]


@register
class NodeCrash(TriggeredFault):
    """A node of the provider is killed (kill -9) and started again, in turn: what it acknowledged must have been on
    disk.
    """

    seam: ClassVar[Seam] = Seam.PROCESS
    heals: ClassVar[str] = "Every node is started again and must answer."
    instant: ClassVar[bool] = True

    fault: Literal["node-crash"] = Field(description="The fault's name.")
    node: str = Field(default="", description="Which node; left out: each in turn.")

    async def inject(self, run: RunControl) -> Json | None:
        node = self.node or run.free_node()
        return None if node is None else await run.control("crash", node=node)
