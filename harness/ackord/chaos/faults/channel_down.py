"""A bank that is down."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Seam, register

__all__ = ["ChannelDown"]


@register
class ChannelDown(Fault):
    """The bank refuses every connection: nothing is paid, and acknowledged orders have to wait in PROCESSING."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank is back; the provider sends what waited."

    fault: Literal["channel-down"] = Field(description="The fault's name.")
