"""A session: one contract against one provider, profile after profile. The command line and the pytest plugin both go through it.

A profile's run has five phases, after TigerBeetle's habit of disturbing first and demanding convergence afterwards::

    steady    a few orders without faults: connections are warm, and a provider that is simply broken is found here
    disturb   faults are armed and proven; storm waves, then the stateful machine
    heal      every fault is taken back, whatever happened
    settle    every open order is asked for until it is terminal; then the ledger is read
    done      the journal is closed; the history is judged
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple

import uvloop

from ..chaos.faults import FaultSpec
from ..chaos.profile import PhaseSize, Profile
from ..core.clock import MS, RealClock
from ..core.event import Phase
from ..core.landing import estimate
from ..core.result import CampaignResult, ProfileResult
from ..core.verdict import Result, Verdict
from ..errors import FileError, UsageError
from ..guarantees.judge import judge
from ..workload.live import LiveWorld, Stopped
from ..workload.storm import Storm, deal_plots
from .environment import Environment, open_environment
from .plan import Plan
from .rig import Rig

__all__ = ["Progress", "ProgressUpdate", "Session"]

_SAMPLE_EVERY_MS = 25
_FIRST_PORTION = 40
"""Orders of a wave that are played before it is judged for the first time; every further portion is twice as large."""


class ProgressUpdate(NamedTuple):
    """Where a run is."""

    profile: str
    phase: str
    operations: int
    exposures: int
    violations: int
    """Orders that broke a guarantee, as far as judged."""
    result: Result | None
    """Set when the profile is done."""


Progress = Callable[[ProgressUpdate], None]


class Session:
    """A context manager: entering starts the surroundings, leaving ends them."""

    def __init__(self, plan: Plan, progress: Progress = lambda update: None) -> None:
        """Raises ``UsageError`` for a plan that cannot be run: nothing is started then."""
        self.plan = plan
        self.clock = RealClock()
        self._progress = progress
        self.environment: Environment = open_environment(plan)
        for profile in plan.profiles:
            refuse_unless_possible(profile, self.environment)
        self._done: list[ProfileResult] = []
        self._started_ns = self.clock.now_ns()
        self._started = self.clock.wall_iso()

    def __enter__(self) -> Session:
        """Raises ``FileError`` if the evidence has no place to go, ``EnvironmentFailed`` if a part does not start."""
        try:
            self.plan.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                self.plan.out,
                None,
                f"the folder for the evidence cannot be made: {error.strerror}",
                mend="choose another with --out",
            ) from error
        self.environment.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.environment.__exit__(kind, error, trace)

    def run(self, profile: Profile) -> ProfileResult:
        """Run one profile and judge it."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(_ProfileRun(self, profile).run())
        self._done.append(result)
        return result

    @property
    def last(self) -> ProfileResult:
        """The result of the profile that was run last."""
        return self._done[-1]

    def become(self, flaw: str) -> None:
        """Let the reference provider be another flaw or variant from here on; PostgreSQL goes on. Raises ``UnknownNameError``."""
        self.environment.reference("become", flaw=flaw or None, seed=self.plan.seed)
        self.plan = replace(self.plan, flaw=flaw)

    def without_injection(self) -> Session:
        """The same session, over the same surroundings, whose faults are announced and not made."""
        twin = copy(self)
        twin.plan = replace(self.plan, inject=False)
        return twin

    def run_all(self) -> CampaignResult:
        for profile in self.plan.profiles:
            self.run(profile)
        return self.campaign()

    def campaign(self) -> CampaignResult:
        """All profiles that were run so far."""
        done = {p.profile for p in self._done}
        plan = self.plan
        return CampaignResult(
            contract=plan.contract.contract.provider,
            provider=self.environment.words,
            subject="provider",
            target=plan.target,
            flaw=plan.flaw,
            seed=plan.seed,
            budget=plan.budget.name,
            started=self._started,
            elapsed_ns=self.clock.now_ns() - self._started_ns,
            profiles=tuple(self._done),
            not_run=tuple(p.name for p in plan.profiles if p.name not in done),
            out=str(plan.out),
            repeat=plan.command(),
        )

    def report(self, update: ProgressUpdate) -> None:
        self._progress(update)


def refuse_unless_possible(profile: Profile, environment: Environment) -> None:
    """Raise ``UsageError`` if the profile needs a seam that the target does not have."""
    missing = set(profile.needs()) - environment.seams
    if missing:
        raise UsageError(
            f"the profile {profile.name} needs {', '.join(sorted(missing))}, and this target offers only "
            f"{', '.join(sorted(environment.seams))}.\n  mend: choose another --profile, or --target reference, which offers all"
        )


class _ProfileRun:
    """One profile, once."""

    def __init__(self, session: Session, profile: Profile) -> None:
        self._session = session
        self._plan = session.plan
        self._profile = profile
        self._rig = rig = Rig(session.plan, profile, session.environment, session.clock)
        self._storm = Storm(rig.client, rig.book)
        self._phase = ""
        self._verdict: Verdict | None = None
        self._found = False

    async def run(self) -> ProfileResult:
        rig = self._rig
        started_ns = rig.clock.now_ns()
        async with rig:
            await self._play()
            self._enter("done")
        history = rig.recorder.history()
        verdict = judge(history)
        self._tell(verdict, verdict.result)
        return ProfileResult(
            profile=self._profile.name,
            verdict=verdict,
            history=history,
            landing=estimate(history),
            journal=str(rig.journal.path),
            operations=rig.recorder.operations,
            elapsed_ns=rig.clock.now_ns() - started_ns,
            repeat=rig.header.command,
        )

    # -- phases ---------------------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        profile, budget = self._profile, self._plan.budget
        await self._rig.sample(_SAMPLE_EVERY_MS)
        self._enter("steady")
        await self._arm("steady")
        await self._storm_wave(profile.phases.steady)
        self._enter("disturb")
        await self._arm("disturb")
        await self._rig.arming.wait_effective()
        for _ in range(budget.waves):
            await self._storm_wave(profile.phases.disturb)
            if self._found and budget.stop_at_violation:
                break
        # Proven before the machine plays: it heals faults and injects them again as it likes.
        await self._rig.arming.prove()
        if profile.machine and budget.examples and not (self._found and budget.stop_at_violation):
            await self._run_machine()
        self._enter("heal")
        await self._rig.arming.heal_all()
        self._enter("settle")
        settles_ns = self._rig.promises.settles_within_ns or 2000 * MS
        await self._storm.settle(within_ms=settles_ns / MS)
        await self._rig.sample(0)
        await self._rig.read_ledger()
        await self._rig.drain()

    async def _arm(self, phase: str) -> None:
        for spec in self._rig.specs:
            if spec.during == phase or (spec.during == "all" and phase == "steady"):
                await self._rig.arming.arm(spec)

    async def _storm_wave(self, size: PhaseSize) -> None:
        """Play a wave in portions and judge after each: a long storm need not end before it is known that something broke."""
        plots = deal_plots(self._profile.workload, self._within_limits(size.orders))
        portion = _FIRST_PORTION
        while plots:
            await self._storm.play(plots[:portion], concurrency=size.concurrency)
            if await self._violated() and self._plan.budget.stop_at_violation:
                return
            plots, portion = plots[portion:], portion * 2

    def _within_limits(self, orders: int) -> int:
        """No more orders than the contract allows in one run."""
        return max(0, min(orders, self._plan.contract.contract.limits.orders - self._rig.book.dealt))

    async def _run_machine(self) -> None:
        from ..workload.machine import order_machine, run_machine

        budget = self._plan.budget
        loop = asyncio.get_running_loop()
        client = self._rig.careful_client
        world = LiveWorld(
            client, self._rig.book, loop, on_progress=lambda: self._tell(None, None), **self._switches(loop)
        )
        machine = order_machine(world, "".join(w.title() for w in self._profile.name.split("-")))
        try:
            await asyncio.to_thread(
                run_machine,
                machine,
                examples=budget.examples,
                steps=budget.steps,
                seed_value=self._rig.seed.bits("machine"),
            )
        except Stopped:
            pass
        finally:
            world.stopped = True
        self._storm.orders.extend(world.orders)

    def _switches(self, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
        """What lets the machine heal the profile's faults and inject them again, from its own thread."""
        by_name: dict[str, list[FaultSpec]] = {}
        for spec in self._rig.specs:
            by_name.setdefault(spec.name, []).append(spec)

        async def change(fault: str, *, arm: bool) -> None:
            for spec in by_name[fault]:
                await (self._rig.arming.arm(spec) if arm else self._rig.arming.heal(spec))

        def switch(fault: str, *, arm: bool) -> None:
            asyncio.run_coroutine_threadsafe(change(fault, arm=arm), loop).result(30)

        return {
            "faults": tuple(by_name),
            "arm": lambda fault: switch(fault, arm=True),
            "heal_fault": lambda fault: switch(fault, arm=False),
        }

    # -- events and progress --------------------------------------------------------------------------------------------

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._rig.recorder.add(Phase(self._rig.clock.now_ns(), phase))
        self._tell(self._verdict, None)

    async def _violated(self) -> bool:
        """Judge what there is; the ledger is not read yet, so money is judged at the end."""
        await self._rig.drain()
        self._verdict = judge(self._rig.recorder.history())
        self._tell(self._verdict, None)
        self._found = self._verdict.result in (Result.VIOLATED, Result.UNSAFE)
        return self._found

    def _tell(self, verdict: Verdict | None, result: Result | None) -> None:
        verdict = verdict or self._verdict
        exposures = sum(g.exposures for g in verdict.guarantees) if verdict else 0
        violations = sum(g.violations for g in verdict.guarantees) if verdict else 0
        self._session.report(
            ProgressUpdate(
                self._profile.name, self._phase, self._rig.recorder.operations, exposures, violations, result
            )
        )
