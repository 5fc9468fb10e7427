"""A node that stands still."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .triggers import NodeOutage

__all__ = ["NodePause"]


@register
class NodePause(NodeOutage):
    """A node's process is stopped (SIGSTOP), as in a long garbage collection or a frozen machine: its connections stay
    open and nothing answers.
    """

    seam: ClassVar[Seam] = Seam.PROCESS
    heals: ClassVar[str] = "The process goes on (SIGCONT), with whatever it had begun."
    do: ClassVar[str] = "pause"
    undo: ClassVar[str] = "resume"

    fault: Literal["node-pause"] = Field(description="The fault's name.")
