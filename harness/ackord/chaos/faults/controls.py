"""Defines the faults that the provider's control interface makes: each contributes settings to one of its requests."""

from __future__ import annotations

from typing import Any, ClassVar

from .base import ActiveFault, Fault, Json, KeyedFault, RunControl, Seam

__all__ = ["ControlFault", "CountedFault", "KeyedCountedFault"]


class ControlFault(Fault):
    """A fault that is a setting of the provider or of its bank.

    It heals by ``calm``, unless another active fault still sets the same thing.
    """

    seams: ClassVar[tuple[Seam, ...]] = (Seam.CHANNEL, Seam.SETTING, Seam.CLOCK)
    request: ClassVar[str]
    """What the control interface is asked."""
    calm: ClassVar[Json]
    """The settings without the fault."""

    def change(self, settings: Json, run: RunControl) -> None:
        """Change the settings, which have what earlier faults want already, to what this fault wants."""
        raise NotImplementedError

    def observed(self, settings: Json, answer: Json, run: RunControl) -> Json | None:
        """Return what the answer to ``settings``, of which the fault is a part, shows of it; ``None``: nothing."""
        return None


class CountedFault(ControlFault):
    """A fault of which the provider counts what it did; evidence is what was counted since its arming."""

    counter: ClassVar[str]
    """The name of the counter in answers to ``channel``."""
    request: ClassVar[str] = "channel"

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        if armed.answer is None:  # it was never in force
            return None
        before, now = armed.answer.get("counters", {}), (await run.control("channel")).get("counters", {})
        counted = now.get(self.counter, 0) - before.get(self.counter, 0)
        return {self.counter: counted} if counted > 0 else None


class KeyedCountedFault(CountedFault, KeyedFault):
    """A counted fault that hits a share of the orders."""
