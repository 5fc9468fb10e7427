"""A primary that is lost."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .triggers import TriggeredFault

__all__ = ["Failover"]


@register
class Failover(TriggeredFault):
    """The primary database is killed and the standby promoted. What had been acknowledged and had not reached the
    standby is gone, unless commits waited for it.
    """

    seam: ClassVar[Seam] = Seam.DATABASE
    heals: ClassVar[str] = (
        "Nothing: the standby stays primary, and what was lost is lost. The next profile gets a fresh pair."
    )
    instant: ClassVar[bool] = True

    fault: Literal["failover"] = Field(description="The fault's name.")

    async def inject(self, run: RunControl) -> Json | None:
        run.use_up()
        return await run.control("failover")
