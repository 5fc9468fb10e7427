"""A node that stays down."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .triggers import NodeOutage

__all__ = ["NodeDown"]


@register
class NodeDown(NodeOutage):
    """A node is killed (kill -9) and stays down; connections to it are refused."""

    seam: ClassVar[Seam] = Seam.PROCESS
    heals: ClassVar[str] = "The node is started again and must answer."
    do: ClassVar[str] = "kill"
    undo: ClassVar[str] = "revive"

    fault: Literal["node-down"] = Field(description="The fault's name.")
