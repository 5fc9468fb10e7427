"""What the provider itself lets be set: how late its standby applies, whether it is too busy."""

from __future__ import annotations

from collections.abc import Sequence

from .base import Armed, Json, SeamDriver
from .channel import counted
from .replication import lag_shown

__all__ = ["SettingsDriver"]


class SettingsDriver(SeamDriver):
    async def apply(self, active: Sequence[Armed]) -> None:
        delay_ms, busy_share = 0.0, 0.0
        for armed in active:
            match armed.spec.name:
                case "apply-delay":
                    delay_ms = armed.spec.params["ms"]
                case "provider-busy":
                    busy_share = armed.spec.share
        await self.around.reference("apply_delay", ms=delay_ms)
        await self.around.reference("channel", busy_share=busy_share)

    async def evidence(self, armed: Armed) -> Json | None:
        if armed.spec.name == "apply-delay":
            return lag_shown(self.around, armed)
        return await counted(self.around, "busy")

    def shows(self, armed: Armed) -> bool | None:
        return lag_shown(self.around, armed) is not None if armed.spec.name == "apply-delay" else None
