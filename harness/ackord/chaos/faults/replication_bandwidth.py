"""A narrow replication link."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .links import NarrowLink

__all__ = ["ReplicationBandwidth"]


@register
class ReplicationBandwidth(NarrowLink):
    """The replication link carries only so much: the more is written, the further the standby falls behind."""

    seam: ClassVar[Seam] = Seam.REPLICATION
    heals: ClassVar[str] = "The replication link is made clean again and the standby catches up."

    fault: Literal["replication-bandwidth"] = Field(description="The fault's name.")
