"""A replication link that is cut."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .links import CutLink

__all__ = ["ReplicationCut"]


@register
class ReplicationCut(CutLink):
    """The replication link is cut: the standby stands still, and catches up once it is open again."""

    seam: ClassVar[Seam] = Seam.REPLICATION
    heals: ClassVar[str] = "The link is opened, the standby connects again and catches up."

    fault: Literal["replication-cut"] = Field(description="The fault's name.")
