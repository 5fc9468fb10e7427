"""A node whose network is gone."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Seam, register

__all__ = ["NodeDisconnected"]


@register
class NodeDisconnected(Fault):
    """A node's machine loses its network, towards merchants and databases alike: its connections stay open and nothing arrives. It goes on thinking."""

    seam: ClassVar[Seam] = Seam.NETWORK
    heals: ClassVar[str] = "The machine is connected to its network again."

    fault: Literal["node-disconnected"] = Field(description="The fault's name.")
    node: str = Field(default="", description="Which node; left out: each in turn, one an outage.")
