"""A standby that waits before it applies."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Fault, Milliseconds, Seam, register

__all__ = ["ApplyDelay"]


@register
class ApplyDelay(Fault):
    """The standby has the data at once and applies it late (`recovery_min_apply_delay`): reads from it are stale, and a commit that waits for the apply waits this long."""

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "The delay is set to 0 and the standby applies what it holds."

    fault: Literal["apply-delay"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="The delay, in milliseconds.")
