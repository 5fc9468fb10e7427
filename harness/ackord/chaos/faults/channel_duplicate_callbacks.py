"""A bank that tells twice."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .controls import KeyedCountedFault

__all__ = ["ChannelDuplicateCallbacks"]


@register
class ChannelDuplicateCallbacks(KeyedCountedFault):
    """The bank's notice of a payment reaches the provider twice, the second time when the order may be terminal: it
    must move nothing again.
    """

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank tells once again."
    counter: ClassVar[str] = "duplicate_callbacks"
    calm: ClassVar[Json] = {"duplicate_callback_share": 0.0}

    fault: Literal["channel-duplicate-callbacks"] = Field(description="The fault's name.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["duplicate_callback_share"] = self.hit_share
