"""What arming needs of a seam: make it what the faults in force say together, and show that they did something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...chaos.faults import FaultSpec
from ...core.clock import Clock
from ...core.event import ReplicationSample
from ...record.recorder import Recorder
from ..environments.base import Environment

__all__ = ["ActiveFault", "Injector", "InjectorContext", "Json"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InjectorContext:
    """What every seam's driver works with."""

    environment: Environment
    recorder: Recorder
    clock: Clock
    seed: int

    async def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """A control call blocks its thread, never the loop that clocks the operations."""
        return await asyncio.to_thread(function, *arguments, **named)

    async def reference(self, do: str, **arguments: Any) -> Json:
        """Ask the provider's control; an answer without content is an empty one."""
        return await self.call(self.environment.reference, do, **arguments) or {}

    def samples(self, since_ns: int, replica: str = "") -> list[ReplicationSample]:
        """What was sampled of the standby, or of another replica, from an instant on. A probe measures from its own beginning, so only those that began after it count."""
        return [
            e
            for e in self.recorder.events
            if type(e) is ReplicationSample and e.replica == replica and e.at_ns - (e.probe_lag_ns or 0) >= since_ns
        ]


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that is armed, and since when."""

    spec: FaultSpec
    since_ns: int


class Injector:
    """One seam. Level-triggered: ``apply`` is given all faults that are in force there, so taking one back needs no memory of what was before it."""

    keeps_schedules = False
    """Whether the seam follows the faults' schedules by itself; if not, ``apply`` is called whenever one begins or ends."""

    def __init__(self, around: InjectorContext) -> None:
        self.around = around

    async def apply(self, active: Sequence[ActiveFault]) -> None:
        """Make the seam what ``active`` says, and nothing else. Raises ``EnvironmentFailed``."""
        raise NotImplementedError

    async def strike(self, spec: FaultSpec) -> Json | None:
        """Do what happens at an instant, and tell about it; ``None``: there was nothing to hit just then. Raises ``EnvironmentFailed``."""
        raise NotImplementedError

    async def evidence(self, armed: ActiveFault) -> Json | None:
        """What shows, from the far side, that the fault did something since it was armed; ``None``: nothing does. Faults at the edge are shown one by one (``fired``)."""
        return None

    def shows(self, armed: ActiveFault) -> bool | None:
        """Whether the fault can be seen to have taken hold by now; ``None``: this one does not need to be waited for."""
        return None
