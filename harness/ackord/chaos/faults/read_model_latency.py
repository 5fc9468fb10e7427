"""A slow feed of a read model."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Milliseconds, Seam, register

__all__ = ["ReadModelLatency"]


@register
class ReadModelLatency(Fault):
    """What is written to the orders reaches the read model late, and nothing else is late: the standby stays level."""

    seam: ClassVar[Seam] = Seam.READ_MODEL
    heals: ClassVar[str] = "The read model's link is made clean again and the read model catches up."

    fault: Literal["read-model-latency"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="The lag, in milliseconds.")
    jitter_ms: Milliseconds = Field(
        default=0, description="Up to this much more or less, in milliseconds, drawn from the seed."
    )
