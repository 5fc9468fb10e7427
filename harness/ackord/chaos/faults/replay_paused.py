"""A standby that receives and does not apply."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from .base import ActiveFault, Json, RunControl, Seam, register
from .controls import ControlFault
from .links import bytes_behind

__all__ = ["ReplayPaused"]


@register
class ReplayPaused(ControlFault):
    """The standby receives everything and applies nothing, as during a long backup or a conflict with a long query:
    reads from it stand still.
    """

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "Replay is resumed and the standby applies what it holds."
    request: ClassVar[str] = "replay"
    calm: ClassVar[Json] = {"paused": False}

    fault: Literal["replay-paused"] = Field(description="The fault's name.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["paused"] = True

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        return bytes_behind(run, armed)
