"""A replication link that is cut."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Milliseconds, Seam, register

__all__ = ["ReplicationCut"]


@register
class ReplicationCut(Fault):
    """The replication link is cut for a while, again and again: the standby stands still, then catches up."""

    seam: ClassVar[Seam] = Seam.REPLICATION
    heals: ClassVar[str] = "The link is opened, the standby connects again and catches up."

    fault: Literal["replication-cut"] = Field(description="The fault's name.")
    for_ms: Milliseconds = Field(description="How long each cut lasts, in milliseconds.")
    every_ms: Milliseconds | None = Field(
        default=None, description="From the begin of one cut to the next, in milliseconds; left out: one cut."
    )
