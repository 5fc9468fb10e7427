"""A slow replication link."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .links import SlowLink

__all__ = ["ReplicationLatency"]


@register
class ReplicationLatency(SlowLink):
    """What the primary writes reaches the standby late: reads from the standby are stale by at least this much."""

    seam: ClassVar[Seam] = Seam.REPLICATION
    heals: ClassVar[str] = "The replication link is made clean again and the standby catches up."

    fault: Literal["replication-latency"] = Field(description="The fault's name.")
