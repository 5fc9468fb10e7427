"""A narrow replication link."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import Fault, Seam, register

__all__ = ["ReplicationBandwidth"]


@register
class ReplicationBandwidth(Fault):
    """The replication link carries only so much: the more is written, the further the standby falls behind."""

    seam: ClassVar[Seam] = Seam.REPLICATION
    heals: ClassVar[str] = "The replication link is made clean again and the standby catches up."

    fault: Literal["replication-bandwidth"] = Field(description="The fault's name.")
    kb_per_s: Annotated[int, Strict(), Field(ge=1)] = Field(
        description="Kilobytes (1,000 bytes) a second, as Toxiproxy counts."
    )
