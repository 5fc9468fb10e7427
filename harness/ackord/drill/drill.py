"""Drills a merchant: its command against a provider behind the gateway, profile after profile.

start    the provider and the gateway stand; the profile's faults are armed
disturb  the command runs, and every call that it makes is recorded as the merchant got it
settle   the faults are taken back; the harness asks for every order and reads the ledger
done     the merchant's books are looked at, where it lets us; the history is judged
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..chaos.faults import Seam
from ..chaos.profile import Profile
from ..client.callback_listener import listen
from ..contract.spec.model import Contract
from ..core.clock import Clock, RealClock
from ..core.result import CampaignResult, ProfileResult
from ..errors import AckordError, EnvironmentFailed, UsageError
from ..guarantees.merchant import MERCHANT_GUARANTEES
from ..run.environments.base import Environment, Observer
from ..run.options.drill_terms import DrillTerms
from ..run.options.plan import RunPlan
from ..run.options.run_options import RunOptions
from ..run.resolve import EVERY, make_plan
from ..run.session import Session, prepare
from .intent_field import intent_reader
from .merchant_command import MerchantCommand, how_it_ended
from .merchant_view import MerchantView, compiled_report_pattern
from .settings import CALLBACK_URL, PROVIDER_URL, REPORT_URL, DrillSettings

if TYPE_CHECKING:
    from ..run.interactive import InteractiveRun

__all__ = ["Drill", "OpenDrill", "drill_plan", "empty", "open_drill", "perform", "terms_of"]

LOG_FILE = "command.log"
"""The command's output, beside the journal."""

_UNREACHED = (
    "no call reached the provider: the merchant must send to the address in ACKORD_PROVIDER_URL (--env NAME: in a "
    "variable of its own, too; --proxy-host HOST: for a client whose host is fixed)"
)
_UNREACHED_PROXY = (
    "no call reached the provider: the client must take its proxy from HTTPS_PROXY and send over https (Node's fetch "
    "does from Node 22.21 and 24 on)"
)


def drill_plan(options: RunOptions, settings: DrillSettings) -> RunPlan:
    """Make the plan of a drill. Raises ``UsageError`` for what cannot be run, before anything is started."""
    compiled_report_pattern(settings.report_pattern)
    if not options.profiles:
        raise UsageError(
            "a drill is about the faults of a profile, and none is named.\n"
            "  mend: --profile NAME_OR_FILE (`ackord profile list`)"
        )
    if EVERY in options.require:
        raise UsageError(
            f"--require {EVERY} is about a provider.\n"
            f"  expected: profiles, or guarantees of a merchant ({', '.join(MERCHANT_GUARANTEES.names())})"
        )
    plan = make_plan(options, merchants=True)
    settings.check()  # after the contract: without one the command's first word is taken for it
    require_callback_address(settings, plan.contract.contract, plan.profiles)
    return replace(plan, drill=terms_of(settings, plan.contract.contract), own_clients=True)


def require_callback_address(settings: DrillSettings, contract: Contract, profiles: Iterable[Profile]) -> None:
    """Raise ``UsageError`` where callbacks are to be disturbed or passed on, and there are none or nowhere to go."""
    if settings.callback_to and not contract.callbacks:
        raise UsageError(
            f"--callback-to {settings.callback_to}: the contract of {contract.provider} has no callbacks.\n"
            "  mend: leave it out, or describe them under callbacks"
        )
    for profile in (profile for profile in profiles if Seam.CALLBACK in profile.needs()):
        if not contract.callbacks:
            raise UsageError(
                f"the profile {profile.name} disturbs callbacks, and the contract of {contract.provider} has none.\n"
                "  mend: another profile; or describe them under callbacks"
            )
        if not settings.callback_to:
            raise UsageError(
                f"the profile {profile.name} disturbs callbacks, and where the merchant takes them is not known.\n"
                "  mend: --callback-to http://127.0.0.1:PORT/PATH; the merchant gives the provider ACKORD_CALLBACK_URL"
            )


def terms_of(settings: DrillSettings, contract: Contract, *, reports: bool = False) -> DrillTerms:
    """Return on which terms a merchant is judged. ``reports``: it was told to say what it takes a payment for."""
    declared = "" if contract.drill is None else contract.drill.intent
    return DrillTerms(
        intent=settings.intent or declared,
        intent_window_ns=settings.duration("intent_window").ns,
        reports=reports or bool(settings.report_pattern or settings.verify_cmd),
        callbacks=bool(contract.callbacks),
        callback_edge=bool(contract.callbacks and settings.callback_to),
    )


@dataclass
class OpenDrill:
    """A drill under way: the merchant may act."""

    run: InteractiveRun
    view: MerchantView
    env: dict[str, str]
    """What the merchant's environment is to hold."""
    notes: list[str] = field(default_factory=list)
    """What a reader of the verdict must know."""
    callbacks: ExitStack = field(default_factory=ExitStack)
    """What passes callbacks on to the merchant, until the orders are asked for."""

    @property
    def url(self) -> str:
        """Where the merchant finds the provider."""
        return self.env[PROVIDER_URL]

    def settle(self, settings: DrillSettings) -> None:
        """Take the faults back, find out what became of every order, and look into the merchant's books."""
        self.callbacks.close()
        self.run.settle()
        if settings.verify_cmd:
            self.view.take_books(settings.verify_words, {**os.environ, **self.env})
        self.run.enter("done")

    def result(self, *, cut_short: str = "") -> ProfileResult:
        """Judge what was recorded so far. ``cut_short``: why that is not all."""
        result = self.run.result(complete=not cut_short)
        unreached = self.run.foreign_calls.total == 0 and not cut_short
        refused = [f"the proxy refused {said}" for said in dict.fromkeys(self.run.environment.refused_hosts)]
        notes = [*([cut_short.partition("\n")[0]] if cut_short else []), *self.notes, *self.view.notes(), *refused[:3]]
        if unreached:
            notes.append(_UNREACHED_PROXY if self.run.plan.options.proxy_host else _UNREACHED)
        verdict = replace(result.verdict, notes=(*notes, *result.verdict.notes))
        return replace(result, verdict=verdict, cut_short=cut_short)


def empty(environment: Environment, flaw: str) -> None:
    """Take the orders of earlier drills from a provider that was started for the run: a merchant may use the same order
    numbers each time. Raises ``EnvironmentFailed``.
    """
    if environment.fresh and environment.numbers:
        environment.reset_as(flaw)
        environment.numbers.clear()


@contextmanager
def open_drill(
    plan: RunPlan, profile: Profile, environment: Environment, settings: DrillSettings, clock: Clock, *, name: str = ""
) -> Iterator[OpenDrill]:
    """Arm a profile's faults and record what a merchant does, as long as the context is entered.

    ``name`` keeps the drills of one provider apart. Raises ``FileError`` and ``EnvironmentFailed``.
    """
    from ..run.interactive import InteractiveRun  # a session reads it in while its surroundings start

    assert plan.drill is not None
    intent_of = intent_reader(plan.contract.contract, plan.drill.intent)
    pattern = compiled_report_pattern(settings.report_pattern)
    with (
        _callback_edge_left_behind(environment),
        InteractiveRun(plan, profile, environment, name=name, intent_of=intent_of) as run,
    ):
        view = MerchantView(run.record, clock, pattern)
        with listen(view.take_call) as report_url, ExitStack() as callbacks:
            opened = OpenDrill(run, view, {}, callbacks=callbacks)
            _pass_callbacks_on(opened, settings)
            run.enter("disturb")
            if profile.faults:
                run.arm()
            addresses = dict.fromkeys((PROVIDER_URL, *settings.env), run.wire_url)
            opened.env |= {**environment.access.variables, **addresses, REPORT_URL: report_url}
            if caution := run.caution:
                opened.notes.append(caution)
            environment.refused_hosts.clear()
            yield opened


@contextmanager
def _callback_edge_left_behind(environment: Environment) -> Iterator[None]:
    """Take the callback edge away at the end: its faults are healed before that."""
    try:
        yield
    finally:
        environment.callback_edge = None


def _pass_callbacks_on(opened: OpenDrill, settings: DrillSettings) -> None:
    """Lead callbacks to the merchant, until ``opened.callbacks`` is closed."""
    from ..run.callback_edges import address_of_callbacks  # it imports what a run needs

    run, environment = opened.run, opened.run.environment
    if environment.callback_url is None:
        return
    opened.env[CALLBACK_URL] = address_of_callbacks(run.plan.contract.contract, environment.callback_url)
    if not settings.callback_to:
        return
    edge = run.callback_edge(settings.callback_to)

    def close() -> None:
        edge.close()
        opened.notes += edge.notes

    opened.callbacks.callback(close)
    environment.callback_edge = edge
    opened.callbacks.enter_context(environment.observed_by(Observer(on_call=edge.take)))


def perform(opened: OpenDrill, settings: DrillSettings, clock: Clock, *, echo: bool) -> None:
    """Run the merchant's command until it ends or its time is over, and end whatever it left running.

    Raises ``UsageError`` if it cannot be started, ``EnvironmentFailed`` if a part of the surroundings is gone.
    """
    run, environment = opened.run, opened.run.environment
    log = run.folder / LOG_FILE
    with MerchantCommand(
        settings.command,
        opened.env,
        environment.run,
        log,
        opened.view.take_line,
        echo=echo,
        redact=run.plan.contract.contract.redact,
    ) as command:
        code = command.wait(settings.duration("time_limit").ns, clock, environment.death)
    if code is None:
        run.enter("time-limit")
    if said := how_it_ended(code):
        opened.notes.append(said)


class Drill:
    """All profiles of a drill in one session, whose surroundings somebody else entered."""

    def __init__(self, session: Session, settings: DrillSettings, *, echo: bool = True) -> None:
        """``echo``: the command's output is passed on."""
        self._session = session
        self._settings = settings
        self._echo = echo
        self._clock: Clock = RealClock()

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
        except EnvironmentFailed as why:
            if not session.campaign().profiles:
                raise
            failure = str(why)
        return replace(self._as_drill(session.campaign()), failure=failure, interrupted=interrupted)

    def cut_short(self, why: AckordError | KeyboardInterrupt) -> CampaignResult:
        """All profiles that were run until ``why`` ended the session, which may have been before any."""
        return self._as_drill(self._session.cut_short(why))

    def _as_drill(self, whole: CampaignResult) -> CampaignResult:
        return replace(whole, repeat=self._session.plan.repeat or self._repeat(), budget="")

    def run(self, profile: Profile) -> ProfileResult:
        """Run the command under one profile and judge the merchant. What was recorded until the environment failed or
        the user interrupted is judged and kept; the interruption is raised then.
        """
        result: ProfileResult | None = None
        opened: OpenDrill | None = None
        try:
            with self.opened(profile) as opened:
                perform(opened, self._settings, self._clock, echo=self._echo)
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
    def opened(self, profile: Profile) -> Iterator[OpenDrill]:
        """Arm a profile's faults and record what the merchant does, as long as the context is entered.

        Raises ``FileError`` and ``EnvironmentFailed``.
        """
        session = self._session
        empty(session.environment, session.plan.flaw)
        prepare(session.environment, profile, session.plan.flaw)
        plan = replace(session.plan, repeat=session.plan.repeat or self._repeat(profile.name))
        with open_drill(plan, profile, session.environment, self._settings, self._clock) as opened:
            yield opened

    def _repeat(self, profile: str = "") -> str:
        """Return the command that repeats the drill, or one profile of it."""
        options = self._session.plan.complete_options(profile=profile)
        return f"{options.command(verb='drill')} {shlex.join(self._settings.flags())}"
