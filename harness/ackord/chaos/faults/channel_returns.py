"""Money that comes back."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import KeyedFault, Seam, register

__all__ = ["ChannelReturns"]


@register
class ChannelReturns(KeyedFault):
    """The bank reports success, and sends the money back a little later: a legal way out of a terminal state."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "No further payment is sent back; what came back stays back."

    fault: Literal["channel-returns"] = Field(description="The fault's name.")
