"""A bank that does not answer."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import KeyedFault, Seam, register

__all__ = ["ChannelTimeouts"]


@register
class ChannelTimeouts(KeyedFault):
    """The provider's request to its bank gets no answer; the bank may pay all the same, and the provider learns of it late."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank answers again; the provider asks it for what is open."

    fault: Literal["channel-timeouts"] = Field(description="The fault's name.")
    pays: Annotated[float, Strict(), Field(ge=0, le=1)] = Field(
        default=0.5, description="The share of these that the bank pays all the same."
    )
