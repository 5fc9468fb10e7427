"""One profile's run: plays it, heals what it broke, and judges what happened.

A profile's run has five phases, after TigerBeetle's habit of disturbing first and demanding convergence afterwards::

    steady    a few orders without faults: connections are warm, and a provider that is simply broken is found here
    disturb   faults are armed and proven; storm waves, then the stateful machine
    heal      every fault is taken back, whatever happened
    settle    every open order is asked for until it is terminal; then the ledger is read
    done      the journal is closed; the history is judged
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..chaos.faults import Fault, Seam
from ..chaos.profile import PhaseSize, Profile
from ..core.clock import MS, RealClock, WallClock
from ..core.event import Phase
from ..core.landing import estimate
from ..core.result import ProfileResult
from ..core.verdict import Result, Verdict
from ..guarantees import GUARANTEES
from ..guarantees.judge import judge
from ..workload.all_scenarios import operations_needed
from ..workload.live_system import LiveSystem, RunStopped
from ..workload.load_generator import LoadGenerator, schedule_scenarios
from ..workload.order import WorkloadOrder
from ..workload.order_allowance import OrderAllowance
from ..workload.order_machine import order_machine, run_machine
from .callback_waiting import CallbackWaiting
from .clock_walk import ClockWalk
from .context import RunContext
from .environments.base import Environment
from .judging import judge_run
from .options.plan import RunPlan
from .progress import Progress, ProgressUpdate
from .statement_watch import StatementWatch
from .watchdog import RunCut, Watchdog

__all__ = ["ProfileRun"]

_SAMPLE_EVERY_MS = 25
_FIRST_PORTION = 40
"""Orders of a wave that are played before it is judged for the first time; every further portion is twice as large."""
_CONTROLS = 60
"""Orders that did not break anything and are settled all the same, when a run stopped at its first violation."""


class ProfileRun:
    """One profile, once."""

    def __init__(
        self,
        plan: RunPlan,
        profile: Profile,
        environment: Environment,
        clock: RealClock,
        progress: Progress,
        *,
        deadline_ns: int,
        allowance: OrderAllowance | None = None,
        repeat: int = 1,
    ) -> None:
        """``allowance``: how many orders may be submitted. ``repeat``: which run of the profile this is, from 1; from
        the second on, its numbers and its folder are others.

        Raises ``FileError`` when the journal cannot be written.
        """
        self._plan = plan
        self._profile = profile
        self._progress = progress
        again: dict[str, Any] = {}
        if repeat > 1:
            folder = f"{profile.name}-{repeat}"
            if folder in {p.name for p in plan.profiles}:
                folder = f"{profile.name}-repeat-{repeat}"
            again = {"name": f"repeat-{repeat}", "journal": plan.out / folder / "journal.jsonl"}
        self._rig = context = RunContext(plan, profile, environment, clock, allowance=allowance, **again)
        self._storm = LoadGenerator(context.client, context.book, on_progress=lambda: self._tell(None, None))
        self._callbacks = CallbackWaiting(context.promises, context.recorder, context.clock, self._storm.pause)
        self._statement = StatementWatch(context, WallClock()) if profile.statement else None
        self._phase = ""
        self._verdict: Verdict | None = None
        self._found = False
        self._started_ns = clock.now_ns()
        stopped_on_purpose = any(fault.seam is Seam.HOOK for fault in context.faults)
        self._watchdog = Watchdog(
            context.recorder,
            clock,
            deadline_ns=deadline_ns,
            overdue=self._overdue,
            probe=None if environment.fresh or stopped_on_purpose else context.probe,
            death=environment.death,
        )

    async def run(self) -> ProfileResult:
        """Play the profile and judge it. A run that cannot go on is judged as far as it came."""
        try:
            async with self._rig:
                try:
                    await self._watchdog.guard(self._play())
                finally:
                    if self._statement is not None:
                        await self._statement.close()
                self._enter("done")
        except RunCut as why:
            return self.result(cut_short=str(why))
        return self.result()

    def result(self, *, cut_short: str = "") -> ProfileResult:
        """Judge what was recorded so far. ``cut_short``: why that is not all."""
        context = self._rig
        history = context.recorder.history(complete=not cut_short)
        verdict = judge_run(history, self._plan.openapi)
        if cut_short:
            verdict = replace(verdict, notes=(cut_short.partition("\n")[0], *verdict.notes))
        self._tell(verdict, verdict.result)
        return ProfileResult(
            profile=self._profile.name,
            verdict=verdict,
            history=history,
            landing=estimate(history),
            journal=str(context.journal.path),
            operations=context.recorder.operations,
            elapsed_ns=context.clock.now_ns() - self._started_ns,
            repeat=context.header.command,
            cut_short=cut_short,
        )

    def _overdue(self) -> str:
        return (
            f"the run took longer than --time-limit {self._plan.time_limit}: it was ended in the phase {self._phase} "
            f"of the profile {self._profile.name}.\n"
            "  mend: give it more time, or fewer profiles"
        )

    # -- phases --------------------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        profile, budget = self._profile, self._plan.budget
        await self._rig.sample(_SAMPLE_EVERY_MS)
        self._enter("steady")
        await self._arm("steady")
        await self._storm_wave(profile.phases.steady)
        self._enter("disturb")
        await self._arm("disturb")
        await self._rig.fault_controller.wait_effective()
        async with contextlib.nullcontext() if self._statement is None else self._statement.following():
            for _ in range(budget.waves):
                await self._storm_wave(profile.phases.disturb)
                if self._found and budget.stop_at_violation:
                    break
        if profile.clock and not (self._found and budget.stop_at_violation):
            await ClockWalk(self._rig, self._storm).walk(profile.clock)
        if Seam.CALLBACK in profile.needs():
            await self._callbacks.first(self._storm.orders)
        # Proven before the machine plays: it heals faults and injects them again as it likes.
        await self._rig.fault_controller.prove()
        if profile.machine and budget.examples and not (self._found and budget.stop_at_violation):
            await self._run_machine()
        self._enter("heal")
        await self._rig.fault_controller.heal_all()
        self._enter("settle")
        settles_ns = self._rig.promises.settles_within_ns or 2000 * MS
        await self._storm.settle(within_ms=settles_ns / MS, awaited=self._awaited())
        await self._callbacks.ends(self._storm.orders)
        await self._rig.sample(0)
        if self._statement is not None:
            await self._statement.finish()
        await self._rig.read_ledger()
        await self._rig.drain()

    def _awaited(self) -> Callable[[WorkloadOrder], bool]:
        """Which orders are asked for until they are terminal: all; or, after a run that stopped at its first violation,
        what broke, what was not found when last asked for, and some others as a control.
        """
        if self._verdict is None or not (self._found and self._plan.budget.stop_at_violation):
            return lambda order: True
        broken = {f.order for g in self._verdict.guarantees for f in g.findings}
        orders = self._storm.orders
        others = [o for o in orders if o.payment.order_no not in broken][:_CONTROLS]
        awaited = broken | {o.payment.order_no for o in others}
        return lambda order: order.missing or order.payment.order_no in awaited

    async def _arm(self, phase: str) -> None:
        for fault in self._rig.faults:
            if fault.during == phase or (fault.during == "all" and phase == "steady"):
                await self._rig.fault_controller.arm(fault)

    async def _storm_wave(self, size: PhaseSize) -> None:
        """Play a wave in portions and judge after each, so that a long storm ends soon after a violation."""
        scenarios = schedule_scenarios(self._profile.workload, self._within_limits(size.orders))
        # Each portion waits for its slowest order, so a run that does not stop at a violation plays the wave as one.
        # So does a run with an instantaneous fault that comes once: it must not fall between two portions.
        once = any(fault.instant and fault.every_ms is None for fault in self._rig.faults)
        portion = _FIRST_PORTION if self._plan.budget.stop_at_violation and not once else max(1, len(scenarios))
        while scenarios:
            await self._storm.play(scenarios[:portion], concurrency=size.concurrency)
            if await self._found_so_far() and self._plan.budget.stop_at_violation:
                return
            scenarios, portion = scenarios[portion:], portion * 2

    def _within_limits(self, orders: int) -> int:
        """No more orders than the contract's limits leave."""
        return min(self._rig.order_plan.wave(orders), self._rig.allowance.left)

    async def _run_machine(self) -> None:
        budget = self._plan.budget
        loop = asyncio.get_running_loop()
        client = self._rig.careful_client
        world = LiveSystem(
            client, self._rig.book, loop, on_progress=lambda: self._tell(None, None), **self._switches(loop)
        )
        name = "".join(word.title() for word in self._profile.name.split("-"))
        machine = order_machine(world, name, operations=operations_needed(self._profile.workload))
        try:
            await asyncio.to_thread(
                run_machine,
                machine,
                examples=budget.examples,
                steps=budget.steps,
                seed_value=self._rig.seed.bits("machine"),
            )
        except RunStopped:
            pass
        finally:
            world.stopped = True
        self._storm.orders.extend(world.orders)

    def _switches(self, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
        """What lets the machine heal the profile's faults and inject them again, from its own thread."""
        by_name: dict[str, list[Fault]] = {}
        for fault in self._rig.faults:
            by_name.setdefault(fault.fault, []).append(fault)

        async def change(name: str, *, arm: bool) -> None:
            for fault in by_name[name]:
                await (self._rig.fault_controller.arm(fault) if arm else self._rig.fault_controller.heal(fault))

        def switch(fault: str, *, arm: bool) -> None:
            asyncio.run_coroutine_threadsafe(change(fault, arm=arm), loop).result(30)

        return {
            "faults": tuple(by_name),
            "arm": lambda fault: switch(fault, arm=True),
            "heal_fault": lambda fault: switch(fault, arm=False),
        }

    # -- events and progress -------------------------------------------------------------------------------------------

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._rig.recorder.add(Phase(self._rig.clock.now_ns(), phase))
        self._tell(self._verdict, None)

    async def _found_so_far(self) -> bool:
        """Judge the events so far. Money and responses are judged at the end, when all of them are there."""
        await self._rig.drain()
        self._verdict = judge(self._rig.recorder.history())
        self._tell(self._verdict, None)
        self._found = self._sought(self._verdict)
        return self._found

    def _sought(self, verdict: Verdict) -> bool:
        """Whether a run that stops early has found its violation: any, or with a flaw the one of the flaw's guarantee.

        Violations that only the ledger shows are not waited for, because it is read at the end.
        """
        broken = {g.guarantee for g in verdict.guarantees if g.result in (Result.VIOLATED, Result.UNSAFE)}
        seeks = self._plan.seeks
        if not seeks or GUARANTEES.get(seeks).needs_ledger:
            return bool(broken)
        return seeks in broken

    def _tell(self, verdict: Verdict | None, result: Result | None) -> None:
        verdict = verdict or self._verdict
        exposures = sum(g.exposures for g in verdict.guarantees) if verdict else 0
        violations = sum(g.violations for g in verdict.guarantees) if verdict else 0
        self._progress(
            ProgressUpdate(
                self._profile.name, self._phase, self._rig.recorder.operations, exposures, violations, result
            )
        )
