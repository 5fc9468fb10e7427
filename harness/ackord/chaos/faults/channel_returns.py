"""Money that comes back."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .controls import KeyedCountedFault

__all__ = ["ChannelReturns"]


@register
class ChannelReturns(KeyedCountedFault):
    """The bank reports success, and sends the money back a little later: a legal way out of a terminal state."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "No further payment is sent back; what came back stays back."
    counter: ClassVar[str] = "returns"
    calm: ClassVar[Json] = {"return_share": 0.0}

    fault: Literal["channel-returns"] = Field(description="The fault's name.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["return_share"] = self.hit_share
