"""Arm a profile's faults: apply them by their schedules, take them back, and record evidence of their effect.

A fault that was announced and had no effect must not count: "held" would then mean "was never tested". So a fault is
*effective* only by evidence from the far side: write-ahead log positions and a probe for replication, counters of the
provider for its channel, a new process for a crash. Faults at the edge are proven for each operation (``fired``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from ..chaos.faults import ActiveFault, Fault, Seam
from ..chaos.timing.schedule import ALWAYS
from ..core.clock import MS, SECOND, Clock
from ..core.event import FaultChange
from ..record.recorder import Recorder
from .environments.base import Environment
from .injectors import INJECTORS, Injector, InjectorContext, Json

__all__ = ["FaultController"]


class FaultController:
    """One profile's faults in one run."""

    def __init__(
        self, environment: Environment, recorder: Recorder, clock: Clock, *, seed: int, inject: bool = True
    ) -> None:
        self._run = InjectorContext(environment, recorder, clock, seed)
        self._recorder = recorder
        self._clock = clock
        self._inject = inject
        self._armed: list[ActiveFault[Any]] = []
        self._followers: dict[ActiveFault[Any], asyncio.Task[None]] = {}
        self._injectors: dict[Seam, Injector[Any]] = {}
        self._applying = asyncio.Lock()

    # -- arming and healing --------------------------------------------------------------------------------------------

    async def arm(self, fault: Fault) -> None:
        """Put a fault in force, or let its schedule begin; one that is armed already stays as it is."""
        if any(a.fault is fault for a in self._armed):
            return
        schedule = fault.schedule()
        scheduled = schedule != ALWAYS or fault.instant
        detail = fault.said()
        if scheduled:
            detail["schedule"] = schedule.to_json()
        armed = ActiveFault(fault, self._change(fault, "armed", detail))
        self._armed.append(armed)
        if not self._inject:
            return
        if not scheduled or self._injector(fault.seam).keeps_schedules:
            await self._apply(fault.seam)
            return
        armed.on = False
        if schedule.is_on(0) and not fault.instant:
            await self._turn(armed, on=True)
        self._followers[armed] = asyncio.create_task(self._strikes(armed) if fault.instant else self._follow(armed))

    async def heal(self, fault: Fault) -> None:
        """Take a fault back. Raises ``EnvironmentFailed`` if that fails, or if its schedule was not carried out."""
        armed = next((a for a in self._armed if a.fault is fault), None)
        if armed is None:
            return
        self._armed.remove(armed)
        follower = self._followers.pop(armed, None)
        try:
            if follower is not None:
                follower.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await follower
        finally:
            if self._inject and not fault.instant:
                await self._apply(fault.seam)
            async with self._applying:  # a blow that was under way has fallen by now
                pass
            self._change(fault, "healed", {})

    async def heal_all(self) -> None:
        """Take everything back, whatever fails meanwhile; the first failure is raised at the end."""
        failure: BaseException | None = None
        for armed in list(self._armed):
            try:
                await self.heal(armed.fault)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    async def _apply(self, seam: Seam) -> None:
        await self._to_its_end(self._apply_now(seam))

    async def _apply_now(self, seam: Seam) -> None:
        active = [a for a in self._armed if a.fault.seam == seam and a.on and not a.fault.instant]
        await self._injector(seam).apply(active)

    async def _to_its_end(self, control: Coroutine[Any, Any, None]) -> None:
        """Carry out a control call, one at a time.

        A call's thread cannot be stopped: if cancelled, it would go on beside the call that takes the fault back.
        """

        async def alone() -> None:
            async with self._applying:
                await control

        await asyncio.shield(asyncio.ensure_future(alone()))

    def _injector(self, seam: Seam) -> Injector[Any]:
        if seam not in self._injectors:
            self._injectors[seam] = INJECTORS[seam](self._run, seam)
        return self._injectors[seam]

    # -- schedules -----------------------------------------------------------------------------------------------------

    async def _follow(self, armed: ActiveFault[Any]) -> None:
        """Turn a fault on and off as its schedule says, until it never changes again or is healed.

        An outage lasts from its taking effect: one that was slow to begin ends so much later.
        """
        schedule = armed.fault.schedule()
        elapsed_ns = 0
        while (change_ns := schedule.next_change_ns(elapsed_ns)) is not None:
            now_ns = self._clock.now_ns()
            late_ns = now_ns - armed.since_ns - elapsed_ns if armed.on else 0
            await asyncio.sleep(max(0, armed.since_ns + change_ns + late_ns - now_ns) / SECOND)
            elapsed_ns = change_ns
            await self._turn(armed, on=schedule.is_on(elapsed_ns))

    async def _turn(self, armed: ActiveFault[Any], *, on: bool) -> None:
        if on == armed.on:
            return
        armed.on = on
        await self._to_its_end(self._turn_now(armed, on=on))

    async def _turn_now(self, armed: ActiveFault[Any], *, on: bool) -> None:
        await self._apply_now(armed.fault.seam)
        self._change(armed.fault, "began" if on else "ended", armed.fault.said() if on else {})

    async def _strikes(self, armed: ActiveFault[Any]) -> None:
        schedule = armed.fault.schedule()
        at_ns = armed.since_ns + round(schedule.after_ms * MS)
        if not schedule.after_ms and schedule.every_ms:
            at_ns += round(schedule.every_ms * MS)  # nothing has happened yet that it could spoil
        while True:
            await asyncio.sleep(max(0, at_ns - self._clock.now_ns()) / SECOND)
            struck_ns = self._clock.now_ns()
            await self._to_its_end(self._strike(armed.fault, struck_ns))
            if not schedule.every_ms:
                return
            # Counted from the blow: one that takes long does not make the next follow on its heels.
            at_ns = struck_ns + round(schedule.every_ms * MS)

    async def _strike(self, fault: Fault, struck_ns: int) -> None:
        detail = await self._injector(fault.seam).trigger(fault)
        if detail is not None:
            self._recorder.add(FaultChange(struck_ns, fault.fault, "fired", fault.seam, 0, detail))

    # -- proof ---------------------------------------------------------------------------------------------------------

    async def wait_effective(self, limit_ms: int = 2500) -> None:
        """Wait at most ``limit_ms`` until the delayed faults have an effect, and record it.

        Without injection there is nothing to wait for.
        """
        for _ in range(limit_ms // 10 if self._inject else 0):
            late = [a for a in self._armed if a.on and a.fault.takes_hold_late and not a.proven]
            for armed in late:
                await self._prove(armed)
            if all(armed.proven for armed in late):
                return
            await asyncio.sleep(0.01)

    async def prove(self) -> None:
        """Record ``effective`` for every armed fault of which there is evidence, once."""
        for armed in list(self._armed):
            await self._prove(armed)

    async def _prove(self, armed: ActiveFault[Any]) -> None:
        # Not injected, a fault must not be shown by what only looks like it.
        if armed.proven or not (self._inject or armed.fault.takes_hold_late):
            return
        evidence = await armed.fault.evidence(self._run, armed)
        if evidence is not None:
            armed.proven = True
            self._change(armed.fault, "effective", evidence)

    def _change(self, fault: Fault, change: str, detail: Json) -> int:
        at_ns = self._clock.now_ns()
        self._recorder.add(FaultChange(at_ns, fault.fault, change, fault.seam, 0, detail))
        return at_ns
