"""A standby that receives and does not apply."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Seam, register

__all__ = ["ReplayPaused"]


@register
class ReplayPaused(Fault):
    """The standby receives everything and applies nothing, as during a long backup or a conflict with a long query: reads from it stand still."""

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "Replay is resumed and the standby applies what it holds."

    fault: Literal["replay-paused"] = Field(description="The fault's name.")
