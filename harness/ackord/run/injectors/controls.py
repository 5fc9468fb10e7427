"""Sends the settings that the faults in force want together to the provider's control interface."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from ...chaos.faults import ActiveFault, ControlFault, Seam
from .base import Injector, InjectorContext, Json

__all__ = ["ControlInjector"]


class ControlInjector(Injector[ControlFault]):
    def __init__(self, run: InjectorContext, seam: Seam) -> None:
        super().__init__(run, seam)
        self._calm: dict[str, Json] = {}
        """Request -> the settings without a fault. What was never touched need not be set back."""

    async def apply(self, active: Sequence[ActiveFault[ControlFault]]) -> None:
        for armed in active:
            self._calm[armed.fault.request] = {**self._calm.get(armed.fault.request, {}), **armed.fault.calm}
        for request, calm in self._calm.items():
            settings = deepcopy(calm)
            concerned = [armed for armed in active if armed.fault.request == request]
            for armed in concerned:
                armed.fault.change(settings, self.run)
            answer = await self.run.control(request, **settings)
            for armed in concerned:
                armed.told = settings
                armed.answer = armed.answer or answer
                armed.proof = armed.proof or armed.fault.observed(settings, answer, self.run)
