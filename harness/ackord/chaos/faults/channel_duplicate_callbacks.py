"""A bank that tells twice."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import KeyedFault, Seam, register

__all__ = ["ChannelDuplicateCallbacks"]


@register
class ChannelDuplicateCallbacks(KeyedFault):
    """The bank's notice of a payment reaches the provider twice, the second time when the order may be terminal: it must move nothing again."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank tells once again."

    fault: Literal["channel-duplicate-callbacks"] = Field(description="The fault's name.")
