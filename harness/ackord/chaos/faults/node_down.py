"""A node that stays down."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Seam, register

__all__ = ["NodeDown"]


@register
class NodeDown(Fault):
    """A node is killed (kill -9) and stays down; connections to it are refused."""

    seam: ClassVar[Seam] = Seam.PROCESS
    heals: ClassVar[str] = "The node is started again and must answer."

    fault: Literal["node-down"] = Field(description="The fault's name.")
    node: str = Field(default="", description="Which node; left out: each in turn, one an outage.")
