"""A node that stands still."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Seam, register

__all__ = ["NodePause"]


@register
class NodePause(Fault):
    """A node's process is stopped (SIGSTOP), as in a long garbage collection or a frozen machine: its connections stay open and nothing answers."""

    seam: ClassVar[Seam] = Seam.PROCESS
    heals: ClassVar[str] = "The process goes on (SIGCONT), with whatever it had begun."

    fault: Literal["node-pause"] = Field(description="The fault's name.")
    node: str = Field(default="", description="Which node; left out: each in turn, one an outage.")
