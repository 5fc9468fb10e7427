"""A slow bank."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Milliseconds, Seam, register

__all__ = ["ChannelLatency"]


@register
class ChannelLatency(Fault):
    """The bank answers the provider late: orders stay in PROCESSING for longer."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank answers as fast as before."

    fault: Literal["channel-latency"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="How much later, in milliseconds.")
