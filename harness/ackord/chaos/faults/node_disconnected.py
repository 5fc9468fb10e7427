"""A node whose network is gone."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .triggers import NodeOutage

__all__ = ["NodeDisconnected"]


@register
class NodeDisconnected(NodeOutage):
    """A node's machine loses its network, towards merchants and databases alike: its connections stay open and nothing
    arrives. It goes on thinking.
    """

    seam: ClassVar[Seam] = Seam.NETWORK
    heals: ClassVar[str] = "The machine is connected to its network again."
    do: ClassVar[str] = "disconnect"
    undo: ClassVar[str] = "connect"

    fault: Literal["node-disconnected"] = Field(description="The fault's name.")
