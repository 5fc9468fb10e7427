"""Connects the faults of a seam with the environment: makes the seam what the faults in force there say together."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from ...chaos.faults import ActiveFault, Fault, Seam
from ...core.clock import Clock
from ...core.event import Event, ReplicationSample
from ...providers.hook_actions import perform_hook
from ...record.recorder import Recorder
from ..environments.base import Environment

__all__ = ["Injector", "InjectorContext", "Json"]

Json = dict[str, Any]
F = TypeVar("F", bound=Fault)


class InjectorContext:
    """What injectors and faults work with in one run; a ``RunControl``."""

    def __init__(self, environment: Environment, recorder: Recorder, clock: Clock, seed: int) -> None:
        self.environment = environment
        self.recorder = recorder
        self.clock = clock
        self.seed = seed
        self.held_nodes: list[str] = []
        """Nodes that a fault holds."""
        self._turns = itertools.count()
        self._hooks: dict[str, tuple[int, Path, Json]] = {}
        """Hook that is done -> how many faults need it, the debt of its undoing, and what shows that it was done."""

    @property
    def nodes(self) -> Sequence[str]:
        return self.environment.nodes

    @property
    def events(self) -> Sequence[Event]:
        return self.recorder.events

    async def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Make a control call, which blocks its thread, never the loop that clocks the operations."""
        return await asyncio.to_thread(function, *arguments, **named)

    async def control(self, do: str, **arguments: Any) -> Json:
        """Ask the provider's control interface; an answer without content is an empty one."""
        return await self.call(self.environment.reference, do, **arguments) or {}

    def samples(self, since_ns: int, replica: str = "") -> list[ReplicationSample]:
        """A probe measures from its own beginning, so only those count that began at ``since_ns`` or later."""
        return [
            e
            for e in self.recorder.events
            if type(e) is ReplicationSample and e.replica == replica and e.at_ns - (e.probe_lag_ns or 0) >= since_ns
        ]

    def free_node(self) -> str | None:
        free = [node for node in self.environment.nodes if node not in self.held_nodes]
        return free[next(self._turns) % len(free)] if free else None

    def use_up(self) -> None:
        self.environment.spent = True

    async def do_hook(self, name: str) -> Json:
        """A debt is written down before, so that the next run undoes what this one cannot."""
        environment = self.environment
        hook, folder = environment.hooks[name], environment.contract_folder
        users, cleanup, shown = self._hooks.get(name) or (0, None, {})
        if cleanup is None:
            data = {"name": name, "hook": hook.model_dump(mode="json"), "folder": str(folder)}
            cleanup = environment.run.register_cleanup("ackord.providers.hook_actions:undo_hook", **data)
            self._hooks[name] = (1, cleanup, {})
            try:
                shown = await perform_hook(name, hook.do, timeout_s=hook.timeout.ns / 1e9, folder=folder)
            except BaseException:
                await self.undo_hook(name)  # nobody knows how far it came
                raise
        self._hooks[name] = (users + 1, cleanup, shown)
        return shown

    async def undo_hook(self, name: str) -> None:
        environment = self.environment
        hook, folder = environment.hooks[name], environment.contract_folder
        users, cleanup, shown = self._hooks.pop(name)
        if users > 1:
            self._hooks[name] = (users - 1, cleanup, shown)
            return
        await perform_hook(name, hook.undo, timeout_s=hook.timeout.ns / 1e9, folder=folder)
        environment.run.cleanup_done(cleanup)


class Injector(Generic[F]):
    """Apply the faults of one seam.

    Level-triggered: ``apply`` gets all faults that are in force there, so taking one back needs no earlier state.
    """

    keeps_schedules = False
    """Whether the seam follows the schedules itself; if not, ``apply`` is called whenever a fault begins or ends."""

    def __init__(self, run: InjectorContext, seam: Seam) -> None:
        self.run = run
        self.seam = seam

    async def apply(self, active: Sequence[ActiveFault[F]]) -> None:
        """Make the seam what ``active`` says, and nothing else. Raises ``EnvironmentFailed``."""
        raise NotImplementedError

    async def trigger(self, fault: F) -> Json | None:
        """Carry out an instantaneous fault, and describe it; ``None``: no target. Raises ``EnvironmentFailed``."""
        raise NotImplementedError
