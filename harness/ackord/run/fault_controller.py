"""Arming: puts a profile's faults in force at their seams when their schedules say so, takes them back, and records what shows that they did something.

A fault that was announced and did nothing must not count: "held" would then mean "was never tested". So a fault is *effective* only by evidence from
the far side: write-ahead log positions and a probe for replication, counters of the provider for its channel, a new process for a crash;
faults at the edge are proven operation by operation (``fired``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from ..chaos.faults import FaultSpec, Seam
from ..chaos.timing.schedule import ALWAYS
from ..core.clock import MS, SECOND, Clock
from ..core.event import FaultChange
from ..record.recorder import Recorder
from .environments.base import Environment
from .injectors import INJECTORS, ActiveFault, Injector, InjectorContext, Json

__all__ = ["FaultController"]


class FaultController:
    """One profile's faults in one run."""

    def __init__(
        self, environment: Environment, recorder: Recorder, clock: Clock, *, seed: int, inject: bool = True
    ) -> None:
        self._around = InjectorContext(environment, recorder, clock, seed)
        self._recorder = recorder
        self._clock = clock
        self._inject = inject
        self._armed: list[ActiveFault] = []
        self._off: set[int] = set()
        """Of faults that are armed and not in force just now: ``id`` of their specs."""
        self._followers: dict[int, asyncio.Task[None]] = {}
        self._drivers: dict[Seam, Injector] = {}
        self._applying = asyncio.Lock()
        self._proven: set[tuple[str, int]] = set()
        """Name and instant of arming of what was shown to be effective."""

    # -- arming and healing ---------------------------------------------------------------------------------------------

    async def arm(self, spec: FaultSpec) -> None:
        """Put a fault in force, or let its schedule begin; one that is armed already stays as it is."""
        if any(a.spec is spec for a in self._armed):
            return
        scheduled = spec.schedule != ALWAYS or spec.instant
        detail = _said(spec)
        if scheduled:
            detail["schedule"] = spec.schedule.to_json()
        armed = ActiveFault(spec, self._change(spec, "armed", detail))
        self._armed.append(armed)
        if not self._inject:
            return
        driver = self._driver(spec)
        if not scheduled or driver.keeps_schedules:
            await self._apply(spec.seam)
            return
        self._off.add(id(spec))
        if spec.schedule.is_on(0) and not spec.instant:
            await self._turn(armed, on=True)
        self._followers[id(spec)] = asyncio.create_task(self._strikes(armed) if spec.instant else self._follow(armed))

    async def heal(self, spec: FaultSpec) -> None:
        """Take a fault back. Raises ``EnvironmentFailed`` if that does not succeed, or if its schedule had not been carried out."""
        if not any(a.spec is spec for a in self._armed):
            return
        self._armed = [a for a in self._armed if a.spec is not spec]
        follower = self._followers.pop(id(spec), None)
        try:
            if follower is not None:
                follower.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await follower
        finally:
            self._off.discard(id(spec))
            if self._inject and not spec.instant:
                await self._apply(spec.seam)
            async with self._applying:  # a blow that was under way has fallen by now
                pass
            self._change(spec, "healed", {})

    async def heal_all(self) -> None:
        """Take everything back, whatever fails meanwhile; the first failure is raised at the end."""
        failure: BaseException | None = None
        for armed in list(self._armed):
            try:
                await self.heal(armed.spec)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    async def _apply(self, seam: Seam) -> None:
        await self._to_its_end(self._apply_now(seam))

    async def _apply_now(self, seam: Seam) -> None:
        active = [a for a in self._armed if a.spec.seam == seam and not a.spec.instant and id(a.spec) not in self._off]
        await self._drivers[seam].apply(active)

    async def _to_its_end(self, control: Coroutine[Any, Any, None]) -> None:
        """Carry out a control call, one at a time. A call's thread cannot be stopped: cancelled half-way, it would go on beside the one that takes it back."""

        async def alone() -> None:
            async with self._applying:
                await control

        await asyncio.shield(asyncio.ensure_future(alone()))

    def _driver(self, spec: FaultSpec) -> Injector:
        if spec.seam not in self._drivers:
            self._drivers[spec.seam] = INJECTORS[spec.seam](self._around)
        return self._drivers[spec.seam]

    # -- schedules ------------------------------------------------------------------------------------------------------

    async def _follow(self, armed: ActiveFault) -> None:
        """Turn a fault on and off as its schedule says, until it never changes again or is healed."""
        schedule = armed.spec.schedule
        elapsed_ns = 0
        while (change_ns := schedule.next_change_ns(elapsed_ns)) is not None:
            await asyncio.sleep(max(0, armed.since_ns + change_ns - self._clock.now_ns()) / SECOND)
            elapsed_ns = change_ns
            await self._turn(armed, on=schedule.is_on(elapsed_ns))

    async def _turn(self, armed: ActiveFault, *, on: bool) -> None:
        if on == (id(armed.spec) not in self._off):
            return
        (self._off.discard if on else self._off.add)(id(armed.spec))
        await self._to_its_end(self._turn_now(armed, on=on))

    async def _turn_now(self, armed: ActiveFault, *, on: bool) -> None:
        await self._apply_now(armed.spec.seam)
        self._change(armed.spec, "began" if on else "ended", _said(armed.spec) if on else {})

    async def _strikes(self, armed: ActiveFault) -> None:
        spec = armed.spec
        at_ns = armed.since_ns + round(spec.schedule.after_ms * MS)
        if not spec.schedule.after_ms and spec.schedule.every_ms:
            at_ns += round(spec.schedule.every_ms * MS)  # nothing has happened yet that it could spoil
        while True:
            await asyncio.sleep(max(0, at_ns - self._clock.now_ns()) / SECOND)
            struck_ns = self._clock.now_ns()
            await self._to_its_end(self._strike(spec, struck_ns))
            if not spec.schedule.every_ms:
                return
            # Counted from the blow: one that takes long does not make the next follow on its heels.
            at_ns = struck_ns + round(spec.schedule.every_ms * MS)

    async def _strike(self, spec: FaultSpec, struck_ns: int) -> None:
        detail = await self._driver(spec).strike(spec)
        if detail is not None:
            self._recorder.add(FaultChange(struck_ns, spec.name, "fired", spec.seam, 0, detail))

    # -- proof ----------------------------------------------------------------------------------------------------------

    async def wait_effective(self, limit_ms: int = 2500) -> None:
        """Wait until the faults that take a while to take hold show, at most ``limit_ms``, and record that they do; without injection there is nothing to wait for."""
        for _ in range(limit_ms // 10 if self._inject else 0):
            in_force = [a for a in self._armed if id(a.spec) not in self._off]
            shown = {id(a.spec): self._driver(a.spec).shows(a) for a in in_force}
            for armed in in_force:
                if shown[id(armed.spec)]:
                    await self._prove(armed)
            if False not in shown.values():
                return
            await asyncio.sleep(0.01)

    async def prove(self) -> None:
        """Record ``effective`` for every armed fault of which there is evidence, once."""
        for armed in list(self._armed):
            await self._prove(armed)

    async def _prove(self, armed: ActiveFault) -> None:
        driver = self._driver(armed.spec)
        if (armed.spec.name, armed.since_ns) in self._proven:
            return
        # Not injected, a fault must not be shown by what only looks like it.
        evidence = await driver.evidence(armed) if self._inject or driver.shows(armed) else None
        if evidence is not None:
            self._proven.add((armed.spec.name, armed.since_ns))
            self._change(armed.spec, "effective", evidence)

    def _change(self, spec: FaultSpec, change: str, detail: Json) -> int:
        at_ns = self._clock.now_ns()
        self._recorder.add(FaultChange(at_ns, spec.name, change, spec.seam, 0, detail))
        return at_ns


def _said(spec: FaultSpec) -> Json:
    """What a fault is, as a history tells it."""
    return {**spec.params, "share": spec.share}
