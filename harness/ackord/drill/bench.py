"""Drill a merchant from a test: run its command, or act as the merchant, and demand that its guarantees held.

::

    drill.run(["npm", "test"], report_pattern=r"(?P<order>\\S+) is (?P<outcome>paid|failed)")
    drill.assert_held()

    with drill.running():
        pay(drill.url, invoice="R-7")
        drill.report("paid", order="R-7-1")
    drill.assert_held("merchant-pays-once")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ..core.clock import RealClock
from ..core.event import MerchantReport, ReportedOutcome
from ..core.result import ProfileResult
from ..errors import UsageError
from ..run.held import NotHeld, require_held
from ..run.suite_runs import SuiteRuns, Surroundings
from .drill import OpenDrill, empty, open_drill, perform, require_callback_address, terms_of
from .settings import DrillSettings

__all__ = ["DrillBench"]


class DrillBench:
    """The drills of one test. Each has a journal and a verdict of its own; the last one is asked about."""

    def __init__(self, runs: SuiteRuns, wanted: Surroundings) -> None:
        self._runs = runs
        self._wanted = wanted
        self._opened: OpenDrill | None = None
        self._clock = RealClock()
        self.result: ProfileResult | None = None
        """What the last drill came to."""
        self._not_understood: tuple[str, ...] = ()
        """What the merchant, or who looked into its books, said in the last drill that told nothing."""

    @property
    def url(self) -> str:
        """Where the merchant finds the provider. Raises ``UsageError`` outside ``running``."""
        return self._current.url

    @property
    def env(self) -> dict[str, str]:
        """What the environment of a merchant's process is to hold. Raises ``UsageError`` outside ``running``."""
        return dict(self._current.env)

    @property
    def _current(self) -> OpenDrill:
        if self._opened is None:
            raise UsageError("no drill is under way.\n  expected: with drill.running(): ...")
        return self._opened

    def run(
        self,
        command: Sequence[str],
        *,
        env: Sequence[str] = (),
        intent: str = "",
        intent_window: str = "10m",
        report_pattern: str = "",
        verify_cmd: str = "",
        callback_to: str = "",
        time_limit: str = "10m",
        echo: bool = True,
    ) -> ProfileResult:
        """Run a merchant's command and judge it; the options are those of ``ackord drill``.

        Raises ``UsageError`` for a command that cannot be started, ``EnvironmentFailed`` if the surroundings fail.
        """
        settings = DrillSettings(
            command=command, env=env, intent=intent, intent_window=intent_window, report_pattern=report_pattern,
            verify_cmd=verify_cmd, callback_to=callback_to, time_limit=time_limit,
        )  # fmt: skip
        with self._open(settings) as opened:
            perform(opened, settings, self._clock, echo=echo)
        assert self.result is not None
        return self.result

    @contextmanager
    def running(
        self,
        *,
        intent: str = "",
        intent_window: str = "10m",
        verify_cmd: str = "",
        callback_to: str = "",
        reports: bool = False,
    ) -> Iterator[DrillBench]:
        """Arm the faults while the context is entered; then take them back, find out what became of every order, and
        judge. ``reports``: the test will ``report``. Raises ``UsageError``, ``EnvironmentFailed``.
        """
        settings = DrillSettings(
            intent=intent, intent_window=intent_window, verify_cmd=verify_cmd, callback_to=callback_to
        )
        with self._open(settings, reports=reports):
            yield self

    def report(self, outcome: str, *, order: str = "", intent: str = "") -> None:
        """Say what the merchant takes a payment for: paid, failed or open. Raises ``UsageError``."""
        __tracebackhide__ = True
        if outcome not in tuple(ReportedOutcome) or not (order or intent):
            raise UsageError(
                f"report({outcome!r}): expected {', '.join(ReportedOutcome)}, and the order or the intent that it is of"
            )
        said = ReportedOutcome(outcome)
        self._current.run.record(MerchantReport(self._clock.now_ns(), "call", said, order, intent))

    def assert_held(self, *guarantees: str) -> None:
        """Check that each of ``guarantees`` is HELD; without names, that none is broken and one at least is HELD.

        What the merchant takes its payments for must have been understood wherever it was told. Raises ``NotHeld``, an
        ``AssertionError`` with the explanation, ``UnknownNameError``, and ``UsageError`` before there was a drill.
        """
        __tracebackhide__ = True
        if self.result is None:
            raise UsageError("there was no drill yet.\n  expected: drill.run([...]), or with drill.running(): ...")
        require_held(self.result.verdict, guarantees, self.result.history, repeat=self.result.repeat)
        if self._not_understood:
            raise NotHeld(
                "what the merchant takes its payments for could not be learnt, so nobody knows whether it is right:\n  "
                + "\n  ".join(self._not_understood)
            )

    @contextmanager
    def _open(self, settings: DrillSettings, *, reports: bool = False) -> Iterator[OpenDrill]:
        settings.check()
        setting = self._runs.setting(self._wanted, subject="integration")
        require_callback_address(settings, setting.plan.contract.contract, [setting.profile])
        terms = terms_of(settings, setting.plan.contract.contract, reports=reports)
        plan = replace(setting.plan, drill=terms)
        empty(setting.environment, plan.flaw)
        with open_drill(plan, setting.profile, setting.environment, settings, self._clock, name=setting.name) as opened:
            self._opened = opened
            try:
                yield opened
            finally:
                self._opened = None
            opened.settle(settings)
            self.result = opened.result()
            self._not_understood = tuple(opened.view.notes())
        self._runs.keep(setting, self.result, opened.run.foreign_calls)
