"""How far a commit has to get before the provider acknowledges."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .controls import ControlFault

__all__ = ["SynchronousCommit"]


@register
class SynchronousCommit(ControlFault):
    """Not a fault but a condition: every commit waits until the standby has it. It costs time, and a failover loses
    nothing that was acknowledged.
    """

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "Commits wait for the primary's own disk alone again."
    request: ClassVar[str] = "durability"
    calm: ClassVar[Json] = {"mode": "local"}

    fault: Literal["synchronous-commit"] = Field(description="The fault's name.")
    mode: Literal["remote_write", "on", "remote_apply"] = Field(
        default="on",
        description="What the standby must have done with it: received, flushed (`on`), or applied, in PostgreSQL's "
        "words.",
    )

    def change(self, settings: Json, run: RunControl) -> None:
        settings["mode"] = self.mode

    def observed(self, settings: Json, answer: Json, run: RunControl) -> Json | None:
        return answer
