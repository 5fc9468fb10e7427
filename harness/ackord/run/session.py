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
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple

import uvloop

from ..chaos.profile import FaultSpec, Profile
from ..core.clock import MS, RealClock
from ..core.event import Phase, ReplicationSample
from ..core.history import RunHeader
from ..core.landing import estimate
from ..core.operation import Vantage
from ..core.result import CampaignResult, ProfileResult
from ..core.seed import Seed
from ..core.verdict import Result, Verdict
from ..errors import UsageError
from ..guarantees.judge import judge
from ..provider.client import ProviderClient
from ..provider.transport import HttpxTransport, LeanTransport, NoAnswer, Transport
from ..record.journal import JournalWriter
from ..record.recorder import Recorder
from ..workload.live import LiveWorld, Stopped
from ..workload.order import OrderBook
from ..workload.storm import Storm, deal_plots
from .arming import Arming
from .environment import EDGE, Environment, open_environment
from .plan import Plan

__all__ = ["Progress", "ProgressUpdate", "Session"]

_SAMPLE_EVERY_MS = 25


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
    missing = set(profile.needs) - environment.seams
    if missing:
        raise UsageError(
            f"the profile {profile.name} needs {', '.join(sorted(missing))}, and this target offers only "
            f"{', '.join(sorted(environment.seams))}.\n  mend: choose another --profile, or --target reference, which offers all"
        )


class _ProfileRun:
    """One profile, once."""

    def __init__(self, session: Session, profile: Profile) -> None:
        self._session = session
        self._plan = plan = session.plan
        self._profile = profile
        self._environment = session.environment
        self._clock = session.clock
        contract = plan.contract.contract
        codec = plan.contract.codec
        self._promises = contract.to_promises()
        self._seed = Seed(plan.seed).derive(profile.name)
        self._header = RunHeader(
            contract=contract.provider,
            profile=profile.name,
            subject="provider",
            vantage=Vantage.PROVIDER,
            seed=plan.seed,
            promises=self._promises,
            exposes=tuple(profile.exposes),
            requires=profile.requires(),
            exposure_window_ns=profile.exposure_window_ns,
            started=self._clock.wall_iso(),
            command=plan.command(profile=profile.name),
            options={"flaw": plan.flaw, "budget": plan.budget.name, "target": plan.target, "inject": plan.inject},
        )
        self._journal = JournalWriter(plan.out / profile.name / "journal.jsonl", self._header)
        self._recorder = Recorder(self._header, codec.read, self._journal)
        limits = contract.limits
        self._lean: Transport = LeanTransport(self._environment.edge_url, answer_bytes=limits.answer_bytes)
        self._httpx: Transport = HttpxTransport(self._environment.edge_url, answer_bytes=limits.answer_bytes)
        self._client = ProviderClient(codec, self._lean, self._recorder, self._clock, limits.timeout.ns)
        run_token = f"{self._seed.bits('run') % 36**4:04x}" if self._environment.fresh else f"{self._clock.now_ns():x}"
        self._book = OrderBook(
            self._seed,
            f"{run_token[-10:]}-",
            alphabet=contract.order_no.characters(),
            min_length=contract.order_no.length[0],
            max_length=contract.order_no.length[1],
            account=contract.owner,
            other_account=contract.other_account or "",
            max_amount_minor=limits.amount_minor,
            policy=profile.nodes,
            nodes=self._environment.nodes,
        )
        self._storm = Storm(self._client, self._book)
        self._arming = Arming(self._environment, self._recorder, self._clock, seed=plan.seed, inject=plan.inject)
        self._phase = ""
        self._verdict: Verdict | None = None

    async def run(self) -> ProfileResult:
        started_ns = self._clock.now_ns()
        self._environment.on_event = self._on_event
        try:
            try:
                await self._play()
            finally:
                with contextlib.suppress(Exception):
                    await self._arming.heal_all()
                self._environment.on_event = lambda event: None
                await self._lean.close()
                await self._httpx.close()
        except BaseException:
            self._journal.abandon()
            raise
        self._enter("done")
        self._journal.close()
        history = self._recorder.history()
        verdict = judge(history)
        self._tell(verdict, verdict.result)
        return ProfileResult(
            profile=self._profile.name,
            verdict=verdict,
            history=history,
            landing=estimate(history),
            journal=str(self._journal.path),
            operations=self._recorder.operations,
            elapsed_ns=self._clock.now_ns() - started_ns,
            repeat=self._header.command,
        )

    # -- phases ---------------------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        profile, budget = self._profile, self._plan.budget
        await self._sample(_SAMPLE_EVERY_MS)
        self._enter("steady")
        await self._storm.play(deal_plots({"poll": 1}, profile.phases.steady.orders), concurrency=2)
        self._enter("disturb")
        for spec in profile.faults:
            await self._arming.arm(spec)
        await self._arming.wait_effective()
        disturb = profile.phases.disturb
        for _ in range(budget.waves):
            plots = deal_plots(profile.workload, self._within_limits(disturb.orders))
            await self._storm.play(plots, concurrency=disturb.concurrency)
            if await self._violated() and budget.stop_at_violation:
                break
        else:
            if budget.examples and profile.machine:
                await self._run_machine()
        await self._arming.prove()
        self._enter("heal")
        await self._arming.heal_all()
        self._enter("settle")
        settles_ns = self._promises.settles_within_ns or 2000 * MS
        await self._storm.settle(within_ms=settles_ns / MS)
        await self._sample(0)
        await self._read_ledger()
        await asyncio.to_thread(self._environment.chaos.drain, EDGE)

    def _within_limits(self, orders: int) -> int:
        """No more orders than the contract allows in one run."""
        return max(0, min(orders, self._plan.contract.contract.limits.orders - self._book.dealt))

    async def _run_machine(self) -> None:
        from ..workload.machine import order_machine, run_machine

        budget = self._plan.budget
        loop = asyncio.get_running_loop()
        specs = {s.name: s for s in self._profile.faults}

        def switch(change: Callable[[FaultSpec], object], fault: str) -> None:
            asyncio.run_coroutine_threadsafe(change(specs[fault]), loop).result(30)  # type: ignore[arg-type]

        client = ProviderClient(
            self._plan.contract.codec, self._httpx, self._recorder, self._clock, self._client.timeout_ns
        )
        world = LiveWorld(
            client, self._book, loop, on_progress=lambda: loop.call_soon_threadsafe(self._tell, None, None) and None
        )
        machine = order_machine(world, "".join(w.title() for w in self._profile.name.split("-")))
        try:
            await asyncio.to_thread(
                run_machine,
                machine,
                examples=budget.examples,
                steps=budget.steps,
                seed_value=self._seed.bits("machine"),
            )
        except Stopped:
            pass
        finally:
            world.stopped = True
        self._storm.orders.extend(world.orders)

    async def _read_ledger(self) -> None:
        if not self._promises.has_ledger:
            return
        direct = HttpxTransport(self._environment.direct_url, answer_bytes=1 << 24)
        try:
            await self._client.read_ledger(direct, self._book.prefix)
        except NoAnswer:
            pass  # no LedgerRead is recorded, so what needs the ledger is INCONCLUSIVE, with that reason
        finally:
            await direct.close()

    async def _sample(self, every_ms: int) -> None:
        if "replication" in self._environment.seams:
            await asyncio.to_thread(self._environment.reference, "sample", every_ms=every_ms)

    # -- events and progress --------------------------------------------------------------------------------------------

    def _on_event(self, event: dict[str, object]) -> None:
        if event["event"] == "replication":
            self._recorder.add(
                ReplicationSample(
                    event["at_ns"],
                    event["primary_lsn"],
                    event["standby_lsn"],
                    event.get("probe_lag_ns"),  # type: ignore[arg-type]
                )
            )
        else:
            self._recorder.chaos_event(event)

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._recorder.add(Phase(self._clock.now_ns(), phase))
        self._tell(self._verdict, None)

    async def _violated(self) -> bool:
        """Judge what there is; the ledger is not read yet, so money is judged at the end."""
        await asyncio.to_thread(self._environment.chaos.drain, EDGE)
        self._verdict = judge(self._recorder.history())
        self._tell(self._verdict, None)
        return self._verdict.result in (Result.VIOLATED, Result.UNSAFE)

    def _tell(self, verdict: Verdict | None, result: Result | None) -> None:
        verdict = verdict or self._verdict
        exposures = sum(g.exposures for g in verdict.guarantees) if verdict else 0
        violations = sum(g.violations for g in verdict.guarantees) if verdict else 0
        self._session.report(
            ProgressUpdate(self._profile.name, self._phase, self._recorder.operations, exposures, violations, result)
        )
