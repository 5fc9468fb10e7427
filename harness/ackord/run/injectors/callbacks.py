"""Passes the faults of the callback seam to whoever takes the callbacks, and reports those that they hit."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.faults import ActiveFault, CallbackFault
from .base import Injector

__all__ = ["CallbackInjector"]


class CallbackInjector(Injector[CallbackFault]):
    async def apply(self, active: Sequence[ActiveFault[CallbackFault]]) -> None:
        environment = self.run.environment
        where = environment.callback_edge or environment.callback_gate
        assert where is not None, "the seam is there only with callbacks"
        await self.run.call(where.set_faults, [armed.fault for armed in active])
