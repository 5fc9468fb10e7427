"""A slow bank."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, Milliseconds, RunControl, Seam, drawn_number, register
from .controls import CountedFault

__all__ = ["ChannelLatency"]


@register
class ChannelLatency(CountedFault):
    """The bank answers the provider late: orders stay in PROCESSING for longer."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank answers as fast as before."
    counter: ClassVar[str] = "payments"
    calm: ClassVar[Json] = {"latency_ms": 15.0}

    fault: Literal["channel-latency"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="How much later, in milliseconds.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["latency_ms"] = drawn_number(self.ms)
