"""A primary that is lost."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Literal

from pydantic import Field

from ...core.event import Begin, Complete
from ...core.operation import Observation, OperationKind
from .base import Json, RunControl, Seam, register
from .triggers import TriggeredFault

__all__ = ["Failover"]

_WAITS_S = 3.0


@register
class Failover(TriggeredFault):
    """The primary database is killed right after an order was acknowledged, and the standby promoted. What had been
    acknowledged and had not reached the standby is gone, unless commits waited for it.
    """

    seam: ClassVar[Seam] = Seam.DATABASE
    heals: ClassVar[str] = (
        "Nothing: the standby stays primary, and what was lost is lost. The next profile gets a fresh pair."
    )
    instant: ClassVar[bool] = True

    fault: Literal["failover"] = Field(description="The fault's name.")

    async def inject(self, run: RunControl) -> Json | None:
        order = await _next_acknowledged(run)
        if order is None:
            return None  # a primary that dies when nobody was promised anything proves nothing
        run.use_up()
        return {**await run.control("failover"), "acknowledged_before": order}


async def _next_acknowledged(run: RunControl) -> str | None:
    """Return the number of the first new order that is acknowledged from now on; ``None``: none within 3 s.

    Merchants that wait for their orders' ends may send none for longer than the standby lags. A primary that dies
    then has nothing to lose, and a provider that loses orders would pass.
    """
    submitted: dict[int, str] = {}
    now, read = len(run.events), 0
    try:
        async with asyncio.timeout(_WAITS_S):
            while True:
                events = run.events
                while read < len(events):
                    event = events[read]
                    if type(event) is Begin and event.kind is OperationKind.SUBMIT:
                        submitted[event.op] = event.order
                    elif read >= now and type(event) is Complete and event.observation is Observation.ACK:
                        order = submitted.get(event.op)
                        if order is not None:
                            return order
                    read += 1
                await asyncio.sleep(0.001)
    except TimeoutError:
        return None
