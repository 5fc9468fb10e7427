"""A standby that waits before it applies."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from .base import ActiveFault, Json, Milliseconds, RunControl, Seam, drawn_number, register
from .controls import ControlFault
from .links import lag_shown

__all__ = ["ApplyDelay"]


@register
class ApplyDelay(ControlFault):
    """The standby has the data at once and applies it late (`recovery_min_apply_delay`): reads from it are stale, and a
    commit that waits for the apply waits this long.
    """

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "The delay is set to 0 and the standby applies what it holds."
    takes_hold_late: ClassVar[bool] = True
    request: ClassVar[str] = "apply_delay"
    calm: ClassVar[Json] = {"ms": 0}

    fault: Literal["apply-delay"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="The delay, in milliseconds.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["ms"] = self.ms

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        return lag_shown(run, armed, drawn_number(self.ms))
