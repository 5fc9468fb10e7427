"""A bank that is down."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .controls import CountedFault

__all__ = ["ChannelDown"]


@register
class ChannelDown(CountedFault):
    """The bank refuses every connection: nothing is paid, and acknowledged orders have to wait in PROCESSING."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank is back; the provider sends what waited."
    counter: ClassVar[str] = "refused"
    calm: ClassVar[Json] = {"down": False}

    fault: Literal["channel-down"] = Field(description="The fault's name.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["down"] = True
