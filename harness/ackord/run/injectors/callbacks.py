"""Passes the faults of the callback seam to the callback edge, which reports the callbacks that they hit."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.faults import ActiveFault, CallbackFault
from ...errors import UsageError
from .base import Injector

__all__ = ["CallbackInjector"]


class CallbackInjector(Injector[CallbackFault]):
    async def apply(self, active: Sequence[ActiveFault[CallbackFault]]) -> None:
        edge = self.run.environment.callback_edge
        if edge is not None:
            await self.run.call(edge.set_faults, [armed.fault for armed in active])
        elif active:
            raise UsageError(
                f"{active[0].fault.fault} disturbs callbacks to a merchant, and no address of the merchant is known.\n"
                "  mend: ackord drill with --callback-to http://127.0.0.1:PORT/PATH, where it listens"
            )
