"""Faults of the bytes between merchant and provider: Toxiproxy's toxics."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from ...contract.base.field_types import field_problem
from ...core.clock import MS
from ...core.event import Begin, Complete, Event
from ...core.operation import Vantage
from ...errors import UsageError
from ..links.kinds import toxic_from_json
from ..links.kinds.base import Toxic
from .base import ActiveFault, Json, RunControl, Seam, register
from .links import LinkFault

__all__ = ["ToxicFault"]

_CUTS_OFF = ("down", "timeout", "reset_peer", "limit_data")


@register
class ToxicFault(LinkFault):
    """One of Toxiproxy's toxics on the TCP connections of the merchants: it knows bytes and no messages, as a bad
    network does.
    """

    seam: ClassVar[Seam] = Seam.WIRE
    heals: ClassVar[str] = "The toxic is taken off; what it held back leaves at once, in order."

    fault: Literal["toxic"] = Field(description="The fault's name.")
    type: Literal["latency", "down", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data"] = (
        Field(description="Toxiproxy's name of the toxic.")
    )
    stream: Literal["upstream", "downstream"] = Field(
        default="downstream", description="`downstream`: the answers; `upstream`: the requests."
    )
    toxicity: Annotated[float, Strict(), Field(gt=0, le=1)] = Field(
        default=1.0, description="The share of connections that it acts on, drawn once for each."
    )
    attributes: dict[str, Annotated[float, Strict(), Field(ge=0)]] = Field(
        default={},
        description="Toxiproxy's: latency `latency`, `jitter` (ms); bandwidth `rate` (KB/s); slow_close `delay` "
        "(ms); timeout and reset_peer `timeout` (ms); "
        "slicer `average_size`, `size_variation` (bytes), `delay` (µs); limit_data `bytes`.",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        try:
            self.toxics(0)
        except UsageError as error:
            raise field_problem("attributes", str(error)) from None
        return self

    def toxics(self, number: int) -> Sequence[Toxic]:
        values = {name: getattr(self, name) for name in ("type", "stream", "toxicity", "attributes")}
        return [toxic_from_json({**values, "name": f"{self.type}_{number}"})]

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        slower_ms, cut_off = _compared([e for e in run.events if e.at_ns >= armed.since_ns])
        if self.type in _CUTS_OFF:
            return {"cut_off": cut_off} if cut_off else None
        # On a loaded machine a millisecond more is no proof of anything but the machine.
        least_ms = 0.9 * self.attributes.get("latency", 0) if self.type == "latency" else 1.0
        return {"slower_by_ms": round(slower_ms, 1)} if slower_ms >= max(1.0, least_ms) else None


def _compared(events: Sequence[Event]) -> tuple[float, int]:
    """Compare what the merchant saw of each operation with what the gateway saw.

    Returns by how much operations slowed down for the merchant (upper quartile, ms), and how many got no answer
    although the provider gave one.
    """
    begins: dict[tuple[Vantage, int], int] = {}
    took: dict[Vantage, dict[int, int | None]] = {Vantage.MERCHANT: {}, Vantage.PROVIDER: {}}
    for event in events:
        if isinstance(event, Begin) and not event.copy:
            begins[event.vantage, event.op] = event.at_ns
        elif isinstance(event, Complete) and not event.copy and (event.vantage, event.op) in begins:
            length_ns = event.at_ns - begins[event.vantage, event.op]
            took[event.vantage][event.op] = None if event.observation is None else length_ns
    merchant, provider = took[Vantage.MERCHANT], took[Vantage.PROVIDER]
    both = [(merchant[op], provider[op]) for op in merchant if op in provider]
    slower = [m - p for m, p in both if m is not None and p is not None]
    cut_off = sum(m is None and p is not None for m, p in both)
    quartile_ns = statistics.quantiles(slower, n=4)[2] if len(slower) > 1 else 0.0
    return quartile_ns / MS, cut_off
