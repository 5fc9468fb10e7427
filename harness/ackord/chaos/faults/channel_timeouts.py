"""A bank that does not answer."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import Json, RunControl, Seam, register
from .controls import KeyedCountedFault

__all__ = ["ChannelTimeouts"]


@register
class ChannelTimeouts(KeyedCountedFault):
    """The provider's request to its bank gets no answer; the bank may pay all the same, and the provider learns of it
    late.
    """

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank answers again; the provider asks it for what is open."
    counter: ClassVar[str] = "timeouts"
    calm: ClassVar[Json] = {"timeout_share": 0.0, "pays_share": 1.0}

    fault: Literal["channel-timeouts"] = Field(description="The fault's name.")
    pays: Annotated[float, Strict(), Field(ge=0, le=1)] = Field(
        default=0.5, description="The share of these that the bank pays all the same."
    )

    def change(self, settings: Json, run: RunControl) -> None:
        settings |= {"timeout_share": self.hit_share, "pays_share": self.pays}
