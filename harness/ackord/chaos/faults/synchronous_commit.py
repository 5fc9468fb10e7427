"""How far a commit has to get before the provider acknowledges."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Seam, register

__all__ = ["SynchronousCommit"]


@register
class SynchronousCommit(Fault):
    """Not a fault but a condition: every commit waits until the standby has it. It costs time, and a failover loses nothing that was acknowledged."""

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "Commits wait for the primary's own disk alone again."

    fault: Literal["synchronous-commit"] = Field(description="The fault's name.")
    mode: Literal["remote_write", "on", "remote_apply"] = Field(
        default="on",
        description="What the standby must have done with it: received, flushed (`on`), or applied, in PostgreSQL's words.",
    )
