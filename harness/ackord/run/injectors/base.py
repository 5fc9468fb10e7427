"""Connects the faults of a seam with the environment: makes the seam what the faults in force there say together."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ...chaos.faults import ActiveFault, Fault, Seam
from ...core.clock import Clock
from ...core.event import Event, ReplicationSample
from ...providers.hook_actions import is_in_effect, perform_action
from ...record.recorder import Recorder
from ..environments.base import Environment

__all__ = ["Injector", "InjectorContext", "Json"]

Json = dict[str, Any]
F = TypeVar("F", bound=Fault)


@dataclass
class _DoneHook:
    """A hook that is done."""

    cleanup: Path
    """The debt of its undoing."""
    before: bool | None
    """What its ``measure`` said before it was done; ``None``: it has none."""
    users: int = 1
    """How many faults need it."""
    shown: Json = field(default_factory=dict)
    """What its ``do`` gave."""


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
        self._hooks: dict[str, _DoneHook] = {}

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
        done = self._hooks.get(name)
        if done is None:
            data = {"name": name, "hook": hook.model_dump(mode="json"), "folder": str(folder)}
            before = await self._measured(name)
            cleanup = environment.run.register_cleanup("ackord.providers.hook_actions:undo_hook", **data)
            done = self._hooks[name] = _DoneHook(cleanup, before)
            try:
                done.shown = await perform_action(
                    f"the hook {name}", hook.do, timeout_s=hook.timeout.ns / 1e9, folder=folder
                )
            except BaseException:
                await self.undo_hook(name)  # nobody knows how far it came
                raise
        else:
            done.users += 1
        return done.shown

    async def hook_in_effect(self, name: str) -> Json | None:
        done = self._hooks.get(name)
        if done is None or done.before is not False or not await self._measured(name):
            return None
        return {"measured": {"before": False, "after": True}}

    async def _measured(self, name: str) -> bool | None:
        """What the hook's ``measure`` says now; ``None``: it has none."""
        hook, folder = self.environment.hooks[name], self.environment.contract_folder
        if hook.measure is None:
            return None
        return await is_in_effect(name, hook.measure, timeout_s=hook.timeout.ns / 1e9, folder=folder)

    async def undo_hook(self, name: str) -> None:
        environment = self.environment
        hook, folder = environment.hooks[name], environment.contract_folder
        done = self._hooks[name]
        if done.users > 1:
            done.users -= 1
            return
        del self._hooks[name]
        await perform_action(f"the hook {name}", hook.undo, timeout_s=hook.timeout.ns / 1e9, folder=folder)
        environment.run.cleanup_done(done.cleanup)


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
