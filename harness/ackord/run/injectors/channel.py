"""The provider's way to its bank: levers of the reference provider's channel. Shown by the channel's own counters."""

from __future__ import annotations

from collections.abc import Sequence

from .base import ActiveFault, Injector, InjectorContext, Json

__all__ = ["ChannelInjector", "counted"]

_CALM: Json = {
    "timeout_share": 0.0,
    "pays_share": 1.0,
    "return_share": 0.0,
    "decline_share": 0.0,
    "latency_ms": 15.0,
    "down": False,
    "late_ms": 0.0,
    "duplicate_callback_share": 0.0,
}
"""The levers as they are without a fault."""
_COUNTERS = {
    "channel-timeouts": "timeouts",
    "channel-returns": "returns",
    "channel-latency": "payments",
    "channel-declines": "declines",
    "channel-down": "refused",
    "channel-late-answers": "late_answers",
    "channel-duplicate-callbacks": "duplicate_callbacks",
}


async def counted(around: InjectorContext, name: str) -> Json | None:
    """How often the provider counted what ``name`` names, if ever."""
    counters = (await around.reference("channel")).get("counters", {})
    return {name: counters[name]} if counters.get(name) else None


class ChannelInjector(Injector):
    async def apply(self, active: Sequence[ActiveFault]) -> None:
        levers = dict(_CALM)
        for armed in active:
            spec = armed.spec
            match spec.name:
                case "channel-timeouts":
                    levers |= {"timeout_share": spec.share, "pays_share": spec.params["pays"]}
                case "channel-latency":
                    levers["latency_ms"] = spec.params["ms"]
                case "channel-returns":
                    levers["return_share"] = spec.share
                case "channel-declines":
                    levers["decline_share"] = spec.share
                case "channel-down":
                    levers["down"] = True
                case "channel-late-answers":
                    levers["late_ms"] = spec.params["ms"]
                case "channel-duplicate-callbacks":
                    levers["duplicate_callback_share"] = spec.share
        await self.around.reference("channel", **levers)

    async def evidence(self, armed: ActiveFault) -> Json | None:
        return await counted(self.around, _COUNTERS[armed.spec.name])
