"""What the provider itself lets be set: how late its standby applies and whether it does, how far a commit must get, whether it is too busy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .base import ActiveFault, Injector, InjectorContext, Json
from .channel import counted
from .replication import behind, lag_shown

__all__ = ["SettingsInjector"]

_REQUESTS: dict[str, tuple[str, Json]] = {
    "apply-delay": ("apply_delay", {"ms": 0}),
    "replay-paused": ("replay", {"paused": False}),
    "synchronous-commit": ("durability", {"mode": "local"}),
    "provider-busy": ("channel", {"busy_share": 0.0}),
}
"""Fault -> what the provider is asked, and with which arguments when the fault is not in force."""


def _arguments(armed: ActiveFault) -> Json:
    params: dict[str, Any] = armed.spec.params
    match armed.spec.name:
        case "replay-paused":
            return {"paused": True}
        case "provider-busy":
            return {"busy_share": armed.spec.share}
        case _:
            return params


class SettingsInjector(Injector):
    def __init__(self, around: InjectorContext) -> None:
        super().__init__(around)
        self._touched: dict[str, Json] = {}
        """Faults that were in force at some time -> the provider's last answer: what was never touched need not be set back."""

    async def apply(self, active: Sequence[ActiveFault]) -> None:
        wanted = {armed.spec.name: _arguments(armed) for armed in active}
        for name in dict.fromkeys([*self._touched, *wanted]):
            request, calm = _REQUESTS[name]
            self._touched[name] = await self.around.reference(request, **(wanted.get(name) or calm))

    async def evidence(self, armed: ActiveFault) -> Json | None:
        match armed.spec.name:
            case "apply-delay":
                return lag_shown(self.around, armed)
            case "replay-paused":
                return behind(self.around, armed)
            case "provider-busy":
                return await counted(self.around, "busy")
        return self._touched.get(armed.spec.name)

    def shows(self, armed: ActiveFault) -> bool | None:
        return lag_shown(self.around, armed) is not None if armed.spec.name == "apply-delay" else None
