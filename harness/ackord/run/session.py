"""Run one contract against one provider, profile after profile, for the command line and the pytest plug-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

import uvloop

from ..chaos.faults import Seam
from ..chaos.faults.hook import HookFault
from ..chaos.profile import Profile
from ..contract.codec.codec import RequestRenderError
from ..core.clock import RealClock
from ..core.result import CampaignResult, LeftOutProfile, ProfileResult
from ..core.verdict import Result
from ..errors import AckordError, EnvironmentFailed, FileError, UnknownNameError, UsageError
from ..providers.flaws import FLAWS
from ..report.contract_places import guarantee_lines, shown_file
from ..workload.order_allowance import OrderAllowance, OrderLimitReached
from .environments import open_environment
from .environments.base import Environment
from .environments.managed import MANAGED
from .evidence import CONTRACT_FILE
from .options.plan import RunPlan
from .possible_profiles import left_out
from .progress import Progress

if TYPE_CHECKING:
    from .profile_run import ProfileRun

__all__ = ["Session", "prepare"]

_BROKEN = (Result.VIOLATED, Result.UNSAFE)


class Session:
    """A context manager: entering starts the surroundings, leaving ends them."""

    def __init__(self, plan: RunPlan, progress: Progress = lambda update: None) -> None:
        """Raises ``UsageError`` for a plan that cannot be run: nothing is started then."""
        self.plan = plan
        self.clock = RealClock()
        self._progress = progress
        self.environment: Environment = open_environment(plan)
        for profile in plan.profiles:
            refuse_unless_possible(profile, self.environment, subject=plan.subject)
        refuse_flaw_unless_possible(plan.flaw, self.environment)
        self._done: list[ProfileResult] = []
        self._stop: Callable[[], object] = lambda: None
        self._left_out: tuple[LeftOutProfile, ...] = ()
        self._failure = ""
        self._interrupted = False
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
        # What a run is made of takes a third of a second to import: meanwhile the surroundings start.
        with ThreadPoolExecutor(1) as pool:
            starting = pool.submit(self.environment.__enter__)
            try:
                if self.plan.drill is None:
                    from . import profile_run  # noqa: F401
                else:
                    from . import interactive  # noqa: F401

                starting.result()
            except BaseException:
                if starting.exception() is None:
                    self.environment.__exit__(None, None, None)
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.environment.__exit__(kind, error, trace)

    def preflight(self) -> None:
        """Submit an order and ask for it, before any load. A provider that was started for the run needs no such test.

        Raises ``UsageError`` if the provider does not take what the contract sends, ``EnvironmentFailed`` if it does
        not answer.
        """
        if not self.environment.fresh:
            from .contract_check.preflight import preflight

            sent = preflight(self.plan, self.environment)
            if self.environment.order_allowance is not None:
                self.environment.order_allowance.take(sent)

    def run(self, profile: Profile, *, deadline_ns: int | None = None) -> ProfileResult:
        """Run one profile and judge it, until ``deadline_ns`` at most (by default a whole time limit from now).

        What was recorded until the environment failed or the user interrupted the run is judged and kept, and then the
        error is raised. Raises ``FileError`` for a contract with a request that cannot be sent, ``OrderLimitReached``
        if the contract's limits leave no order.
        """
        from .profile_run import ProfileRun

        allowance = self._share_of(profile)
        prepare(self.environment, profile, self.plan.flaw)
        if deadline_ns is None:
            deadline_ns = self.clock.now_ns() + self.plan.time_limit.ns
        run = ProfileRun(
            self.plan, profile, self.environment, self.clock, self._progress,
            deadline_ns=deadline_ns, allowance=allowance, repeat=self._repeat_of(profile),
        )  # fmt: skip
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                result = runner.run(self._stoppable(run))
        except RequestRenderError as why:
            raise self.plan.contract.error(why) from None
        except (KeyboardInterrupt, EnvironmentFailed) as why:
            said = "it was interrupted" if isinstance(why, KeyboardInterrupt) else str(why)
            self._done.append(run.result(cut_short=said))
            raise
        return self.add(result)

    def add(self, result: ProfileResult) -> ProfileResult:
        """Count a profile's result among the session's."""
        self._done.append(result)
        return result

    async def _stoppable(self, run: ProfileRun) -> ProfileResult:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._stop = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            return await run.run()
        finally:
            self._stop = lambda: None

    def stop(self) -> None:
        """End the run that is under way in another thread: its faults are healed and it raises ``CancelledError``."""
        self._stop()

    @property
    def last(self) -> ProfileResult:
        """The result of the profile that was run last."""
        return self._done[-1]

    def reset_as(self, flaw: str) -> None:
        """Switch the reference provider to another flaw or variant; PostgreSQL keeps running.

        Raises ``UnknownNameError``, and ``UsageError`` for one that this target cannot have.
        """
        refuse_flaw_unless_possible(flaw, self.environment)
        self.environment.reset_as(flaw)
        self.plan = replace(self.plan, flaw=flaw, seeks=FLAWS.get(flaw).caught_by if flaw else "")

    def without_injection(self) -> Session:
        """The same session, over the same surroundings, whose faults are announced and not made."""
        twin = copy(self)
        twin.plan = replace(self.plan, options=replace(self.plan.options, inject=False))
        return twin

    def _share_of(self, profile: Profile) -> OrderAllowance | None:
        """Return the profile's part of the orders that the contract allows in a run; ``None``: all of them.

        Raises ``OrderLimitReached`` if none are left.
        """
        whole = self.environment.order_allowance
        if whole is None:
            return None
        share = whole.share(max(1, len(self.plan.profiles) * self.plan.options.repeats - len(self._done)))
        if not share.left:
            raise OrderLimitReached(
                f"the profile {profile.name} was not run: those before it used up all {whole.most:,} orders that "
                "limits.orders allows in a run"
            )
        return share

    def _runs(self) -> Iterator[Profile]:
        """Give every profile as often as it is to be run. The first runs of all come first."""
        for _ in range(self.plan.options.repeats):
            yield from self.plan.profiles

    def _repeat_of(self, profile: Profile) -> int:
        """Which run of the profile comes next, from 1; where nothing is repeated, a profile has one place."""
        done = sum(p.profile == profile.name for p in self._done)
        return 1 + done if self.plan.options.repeats > 1 else 1

    def _leave_out(self, profile: Profile) -> None:
        """Note that the profile was not run as often as it should, for want of orders."""
        if profile.name not in {p.profile for p in self._left_out}:
            self._left_out += (_without_orders(profile),)

    def _orders_are_used_up(self) -> bool:
        whole = self.environment.order_allowance
        return whole is not None and not whole.left

    def run_all(self) -> CampaignResult:
        """Run all profiles, until one cannot go on or the user interrupts it; what was judged until then is kept.

        Raises ``UsageError`` or ``EnvironmentFailed`` if nothing could be begun.
        """
        deadline_ns = self.clock.now_ns() + self.plan.time_limit.ns
        try:
            self.preflight()
            for profile in self._runs():
                if self._orders_are_used_up():
                    self._leave_out(profile)
                    continue
                result = self.run(profile, deadline_ns=deadline_ns)
                self._failure = result.cut_short
                if self._failure or (self.plan.options.fail_fast and result.verdict.result in _BROKEN):
                    break
        except KeyboardInterrupt:
            self._interrupted = True
        except EnvironmentFailed as why:
            if not self._done:
                raise
            self._failure = str(why)
        return self.campaign()

    def campaign(self) -> CampaignResult:
        """All profiles that were run so far."""
        plan = self.plan
        left_out = {p.profile for p in self._left_out}
        told = {p.profile for p in self._done} | left_out
        return CampaignResult(
            contract=plan.contract.contract.provider,
            provider=self.environment.description or plan.target,
            subject=plan.subject,
            target=plan.target,
            flaw=plan.flaw,
            seed=plan.seed,
            budget=plan.budget.name,
            started=self._started,
            elapsed_ns=self.clock.now_ns() - self._started_ns,
            profiles=tuple(self._done),
            not_run=tuple(p.name for p in plan.profiles if p.name not in told),
            out=str(plan.out),
            repeat=plan.command(),
            left_out=(*plan.left_out, *self._left_out),
            # What the user chose by name is never left out without a doubt.
            required=plan.required if plan.all_profiles else (*plan.required, *sorted(left_out)),
            failure=self._failure,
            interrupted=self._interrupted,
            contract_file=shown_file(plan.contract.path, plan.out / CONTRACT_FILE),
            contract_lines=guarantee_lines(plan.contract),
            provider_version=plan.options.provider_version,
            shard=plan.shard,
        )

    def cut_short(self, why: AckordError | KeyboardInterrupt) -> CampaignResult:
        """All profiles that were run until ``why`` ended the session, which may have been before any."""
        if isinstance(why, KeyboardInterrupt):
            return replace(self.campaign(), interrupted=True)
        return replace(self.campaign(), failure=str(why), failed_with=why.exit_code)


def _without_orders(profile: Profile) -> LeftOutProfile:
    return left_out(profile, "the profiles before used up limits.orders of the contract")


def prepare(environment: Environment, profile: Profile, flaw: str) -> None:
    """Restart the provider if a fault used it up, or if its read model is not what the profile needs."""
    wanted = Seam.READ_MODEL in profile.needs()
    if environment.spent or environment.read_model != wanted:
        environment.read_model = wanted
        environment.reset_as(flaw)


def refuse_flaw_unless_possible(flaw: str, environment: Environment) -> None:
    """Check a flaw's name and seams.

    Raises ``UnknownNameError`` for an unknown flaw, ``UsageError`` if the target lacks a seam that it needs.
    """
    needs = FLAWS.get(flaw).needs if flaw else ""
    if needs and needs not in environment.seams:
        could = ", ".join(name for name, kind in MANAGED.items() if needs in kind.seams)
        raise UsageError(
            f"the flaw {flaw} needs {needs}, and this target offers only {', '.join(sorted(environment.seams))}.\n  "
            f"targets that could: {could}\n"
            "  mend: choose one of them with --target, or another --flaw"
        )


def refuse_unless_possible(profile: Profile, environment: Environment, *, subject: str = "provider") -> None:
    """Raise ``UsageError`` if the profile needs a seam or a hook that the target does not have, or tries a merchant and
    the provider is the ``subject``.
    """
    if subject == "provider" and profile.tries_merchant:
        made_up = [fault.fault for fault in profile.faults if fault.subject == "integration"]
        why = (
            f"has {', '.join(made_up)}, which makes up answers that the provider never gave"
            if made_up
            else "tries a merchant (subject: integration)"
        )
        raise UsageError(
            f"the profile {profile.name} {why}: no provider can be judged by it.\n"
            "  mend: try a merchant with it (ackord drill, ackord gateway), or take another profile"
        )
    needs = set(profile.needs())
    missing = needs - environment.seams
    if missing:
        could = [name for name, kind in MANAGED.items() if needs - {"hook"} <= kind.seams]
        if "hook" in missing:
            could = [f"{name}, once the contract declares hooks" for name in [*could, "any address"]]
        raise UsageError(
            f"the profile {profile.name} needs {', '.join(sorted(missing))}, and this target offers only "
            f"{', '.join(sorted(environment.seams))}.\n  targets that could: {', '.join(could) or 'none'}\n"
            "  mend: choose one of them with --target, or another --profile"
        )
    for hook in (fault.hook for fault in profile.faults if isinstance(fault, HookFault)):
        if hook not in environment.hooks:
            raise UnknownNameError(f"hook, which the profile {profile.name} needs,", hook, environment.hooks)
