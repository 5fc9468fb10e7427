"""A slow feed of a read model."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .links import SlowLink

__all__ = ["ReadModelLatency"]


@register
class ReadModelLatency(SlowLink):
    """What is written to the orders reaches the read model late, and nothing else is late: the standby stays level."""

    seam: ClassVar[Seam] = Seam.READ_MODEL
    heals: ClassVar[str] = "The read model's link is made clean again and the read model catches up."

    fault: Literal["read-model-latency"] = Field(description="The fault's name.")
