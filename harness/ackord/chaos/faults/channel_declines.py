"""A bank that declines."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import KeyedFault, Seam, register

__all__ = ["ChannelDeclines"]


@register
class ChannelDeclines(KeyedFault):
    """The bank declines payments: a business answer, terminal, and no movement of money."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank declines as rarely as before; what it declined stays declined."

    fault: Literal["channel-declines"] = Field(description="The fault's name.")
