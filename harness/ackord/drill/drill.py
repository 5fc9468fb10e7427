"""Drills a merchant: its command against a provider behind the gateway, profile after profile.

start    the provider and the gateway stand; the profile's faults are armed
disturb  the command runs, and every call that it makes is recorded as the merchant got it
settle   the faults are taken back; the harness asks for every order and reads the ledger
done     the merchant's books are looked at, where it lets us; the history is judged
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ..chaos.profile import Profile
from ..client.callback_listener import listen
from ..core.clock import Clock, RealClock
from ..core.result import CampaignResult, ProfileResult
from ..errors import EnvironmentFailed, UsageError
from ..run.interactive import InteractiveRun
from ..run.options.drill_terms import DrillTerms
from ..run.options.plan import RunPlan
from ..run.options.run_options import RunOptions
from ..run.resolve import make_plan
from ..run.session import Session, prepare
from .intent_field import intent_reader
from .merchant_command import MerchantCommand, how_it_ended
from .merchant_view import MerchantView, compiled_report_pattern
from .settings import PROVIDER_URL, REPORT_URL, DrillSettings

__all__ = ["Drill", "OpenDrill", "drill_plan"]

LOG_FILE = "command.log"
"""The command's output, beside the journal."""


def drill_plan(options: RunOptions, settings: DrillSettings) -> RunPlan:
    """Make the plan of a drill. Raises ``UsageError`` for what cannot be run, before anything is started."""
    settings.check()
    compiled_report_pattern(settings.report_pattern)
    if not options.profiles:
        raise UsageError(
            "a drill is about the faults of a profile, and none is named.\n"
            "  mend: --profile NAME_OR_FILE (`ackord profile list`)"
        )
    plan = make_plan(options)
    declared = plan.contract.contract.drill
    intent = settings.intent or (declared.intent if declared is not None else "")
    terms = DrillTerms(
        intent=intent,
        intent_window_ns=settings.duration("intent_window").ns,
        reports=bool(settings.report_pattern or settings.verify_cmd),
    )
    return replace(plan, drill=terms, own_clients=True)


@dataclass
class OpenDrill:
    """A drill under way: the merchant may act."""

    run: InteractiveRun
    view: MerchantView
    env: dict[str, str]
    """What the merchant's environment is to hold."""
    notes: list[str] = field(default_factory=list)
    """What a reader of the verdict must know."""

    @property
    def url(self) -> str:
        """Where the merchant finds the provider."""
        return self.env[PROVIDER_URL]

    def settle(self, settings: DrillSettings) -> None:
        """Take the faults back, find out what became of every order, and look into the merchant's books."""
        self.run.settle()
        if settings.verify_cmd:
            self.view.take_books(settings.verify_words, {**os.environ, **self.env})
        self.run.enter("done")

    def result(self, *, cut_short: str = "") -> ProfileResult:
        """Judge what was recorded so far. ``cut_short``: why that is not all."""
        result = self.run.result(complete=not cut_short)
        notes = [*([cut_short.partition("\n")[0]] if cut_short else []), *self.notes, *self.view.notes()]
        verdict = replace(result.verdict, notes=(*notes, *result.verdict.notes))
        return replace(result, verdict=verdict, cut_short=cut_short)


class Drill:
    """All profiles of a drill in one session, whose surroundings somebody else entered."""

    def __init__(self, session: Session, settings: DrillSettings, *, echo: bool = True) -> None:
        """``echo``: the command's output is passed on."""
        self._session = session
        self._settings = settings
        self._echo = echo
        self._clock: Clock = RealClock()
        self._fresh = True

    def run_all(self) -> CampaignResult:
        """Run the command under every profile, until one cannot go on or the user interrupts it.

        Raises ``UsageError`` for a command that cannot be started, ``EnvironmentFailed`` if nothing could be begun.
        """
        session = self._session
        failure, interrupted = "", False
        try:
            session.preflight()
            for profile in session.plan.profiles:
                failure = self.run(profile).cut_short
                if failure:
                    break
        except KeyboardInterrupt:
            interrupted = True
        whole = session.campaign()
        repeat = session.plan.repeat or self._repeat()
        return replace(whole, repeat=repeat, failure=failure, interrupted=interrupted)

    def run(self, profile: Profile) -> ProfileResult:
        """Run the command under one profile and judge the merchant. What was recorded until the environment failed or
        the user interrupted is judged and kept; the interruption is raised then.
        """
        result: ProfileResult | None = None
        opened: OpenDrill | None = None
        try:
            with self.opened(profile) as opened:
                self._perform(opened)
                opened.settle(self._settings)
                result = opened.result()
        except (KeyboardInterrupt, EnvironmentFailed) as why:
            if opened is None:
                raise
            said = "it was interrupted" if isinstance(why, KeyboardInterrupt) else str(why)
            result = self._session.add(opened.result(cut_short=said))
            if isinstance(why, KeyboardInterrupt):
                raise
            return result
        assert result is not None
        return self._session.add(result)

    @contextmanager
    def opened(self, profile: Profile, *, name: str = "") -> Iterator[OpenDrill]:
        """Arm a profile's faults and record what the merchant does, as long as the context is entered.

        ``name`` keeps drills of one provider apart. Raises ``FileError`` and ``EnvironmentFailed``.
        """
        session, settings = self._session, self._settings
        plan = session.plan
        if session.environment.fresh and not self._fresh:
            session.environment.reset_as(plan.flaw)  # a merchant may use the same order numbers each time
        self._fresh = False
        prepare(session.environment, profile, plan.flaw)
        terms = plan.drill
        assert terms is not None
        plan = replace(plan, repeat=plan.repeat or self._repeat(profile.name))
        intent_of = intent_reader(plan.contract.contract, terms.intent)
        pattern = compiled_report_pattern(settings.report_pattern)
        with InteractiveRun(plan, profile, session.environment, name=name, intent_of=intent_of) as run:
            view = MerchantView(run.record, self._clock, pattern)
            with listen(view.take_call) as report_url:
                run.enter("disturb")
                if profile.faults:
                    run.arm()
                env = dict.fromkeys((PROVIDER_URL, *settings.env), run.wire_url)
                yield OpenDrill(run, view, {**env, REPORT_URL: report_url})

    def _perform(self, opened: OpenDrill) -> None:
        settings, run = self._settings, opened.run
        environment = self._session.environment
        log = run.folder / LOG_FILE
        with MerchantCommand(
            settings.command, opened.env, environment.run, log, opened.view.take_line, echo=self._echo
        ) as command:
            code = command.wait(settings.duration("time_limit").ns, self._clock, environment.death)
        if code is None:
            run.enter("time-limit")
        if said := how_it_ended(code):
            opened.notes.append(said)

    def _repeat(self, profile: str = "") -> str:
        """Return the command that repeats the drill, or one profile of it."""
        options = self._session.plan.complete_options(profile=profile)
        return f"{options.command(verb='drill')} {shlex.join(self._settings.flags())}"
