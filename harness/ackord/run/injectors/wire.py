"""The wire: a link in front of the gateway, with Toxiproxy's toxics. Shown by comparing what the merchant saw with what the gateway saw of the same operation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from ...chaos.links.kinds import toxic_from_json
from ...core.clock import MS
from ...core.event import Begin, Complete
from ...core.operation import Vantage
from ..environments.base import WIRE
from .base import ActiveFault, Injector, Json

__all__ = ["WireInjector"]

_CUTS_OFF = ("down", "timeout", "reset_peer", "limit_data")


class WireInjector(Injector):
    async def apply(self, active: Sequence[ActiveFault]) -> None:
        toxics = [
            toxic_from_json({**armed.spec.params, "name": f"{armed.spec.params['type']}_{number}"})
            for number, armed in enumerate(active)
        ]
        await self.around.call(self.around.environment.links.set_toxics, WIRE, toxics)

    async def evidence(self, armed: ActiveFault) -> Json | None:
        slower_ms, cut_off = self._compared(armed.since_ns)
        params = armed.spec.params
        if params["type"] in _CUTS_OFF:
            return {"cut_off": cut_off} if cut_off else None
        # On a loaded machine a millisecond more is no proof of anything but the machine.
        least_ms = 0.9 * params["attributes"].get("latency", 0) if params["type"] == "latency" else 1.0
        return {"slower_by_ms": round(slower_ms, 1)} if slower_ms >= max(1.0, least_ms) else None

    def _compared(self, since_ns: int) -> tuple[float, int]:
        """How much longer operations took for the merchant than for the gateway (the upper quartile, ms), and how many got no answer though the provider gave one."""
        begins: dict[tuple[Vantage, int], int] = {}
        took: dict[Vantage, dict[int, int | None]] = {Vantage.MERCHANT: {}, Vantage.PROVIDER: {}}
        for event in self.around.recorder.events:
            if isinstance(event, Begin) and not event.copy and event.at_ns >= since_ns:
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
