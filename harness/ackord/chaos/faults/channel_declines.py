"""A bank that declines."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .controls import KeyedCountedFault

__all__ = ["ChannelDeclines"]


@register
class ChannelDeclines(KeyedCountedFault):
    """The bank declines payments: a business answer, terminal, and no movement of money."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank declines as rarely as before; what it declined stays declined."
    counter: ClassVar[str] = "declines"
    calm: ClassVar[Json] = {"decline_share": 0.0}

    fault: Literal["channel-declines"] = Field(description="The fault's name.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["decline_share"] = self.hit_share
