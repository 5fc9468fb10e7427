"""Run each profile once for a test suite, however many test items and workers ask for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..chaos.profile import Profile
from ..core.result import LeftOutProfile, ProfileResult, campaign_of
from ..errors import EnvironmentFailed
from ..report.campaign_summary import not_kept
from ..report.coverage_text import left_out_reasons
from ..report.files import write_file
from ..report.html import page
from ..workload.order_allowance import OrderAllowance
from .audit import audit_recordings
from .environments.base import Environment
from .evidence import clear_evidence, keep_contract
from .extra_faults import with_faults
from .foreign_calls import ForeignCalls
from .interactive import InteractiveRun
from .options.plan import RunPlan
from .options.run_options import RunOptions
from .resolve import load_profile, make_plan
from .session import Session, prepare, refuse_unless_possible
from .suite_evidence import file_name, shown

__all__ = ["AlreadyFailed", "Setting", "SuiteRuns", "Surroundings"]

_FAILURE = "failure.txt"
"""Holds the error of a run that failed, in the folder of a contract or of one of its profiles."""
_CALLS = "own-client.txt"
"""Holds what a worker made of the calls of one test's own client."""


class AlreadyFailed(EnvironmentFailed):
    """What is asked for cannot be had, for a reason that an earlier test was told."""


class Surroundings(NamedTuple):
    """What one test's fixtures are to be."""

    name: str
    """Tells tests apart: pytest's node id."""
    contract: str
    profile: str
    seed: int
    faults: tuple[Any, ...] = ()
    """Faults beside the profile's: names, or objects as in a profile."""
    asked_as: str = ""
    """How pytest is asked for this test from where it was started; empty: by ``name``."""


class Setting(NamedTuple):
    """What a test runs in."""

    name: str
    plan: RunPlan
    profile: Profile
    environment: Environment


class SuiteRuns:
    """One worker's view of the runs. Workers of one test run share results by ``shared_by``.

    Each profile's journal is under ``out``.
    """

    def __init__(self, options: RunOptions, out: Path, *, shared_by: str = "") -> None:
        self._options = options
        self._out = out / (f"run-{shared_by}" if shared_by else f"seed{options.seed}")
        self._shared = bool(shared_by)
        self._plans: dict[tuple[str, tuple[str, ...]], RunPlan] = {}
        self._folders: dict[str, Path] = {}
        self._sessions: dict[str, Session] = {}
        self._open = contextlib.ExitStack()
        self._results: dict[tuple[str, str], ProfileResult] = {}
        self._cut_short: dict[tuple[str, str], ProfileResult] = {}
        """What was judged until a run could not go on: evidence, and no verdict."""
        self._failed: dict[Path, str] = {}
        self._names: dict[str, int] = {}
        self._calls: list[str] = []
        """What was made of the calls of the tests' own clients."""

    def plan(self, contract: str, *, profiles: Sequence[str] | None = None) -> RunPlan:
        """The plan for a contract, under ``profiles`` or else those of the options. Raises ``UsageError``."""
        chosen = tuple(self._options.profiles if profiles is None else profiles)
        if (contract, chosen) not in self._plans:
            options = replace(self._options, contract=contract, profiles=chosen, out=self._folder(contract))
            plan = replace(make_plan(options), own_clients=True)
            path = os.path.relpath(contract)
            if plan.contract_argument == contract and not path.startswith(".."):
                plan = replace(plan, contract_argument=path)
            self._plans[contract, chosen] = plan
        return self._plans[contract, chosen]

    def _folder(self, contract: str) -> Path:
        """The folder of a contract's evidence; two of one name have one each."""
        if contract not in self._folders:
            stem = Path(contract).stem
            alike = sum(1 for other in self._folders if Path(other).stem == stem)
            self._folders[contract] = self._out / (f"{stem}-{alike + 1}" if alike else stem)
        return self._folders[contract]

    def profiles(self, contract: str, *, profiles: Sequence[str] | None = None) -> list[str]:
        return [p.name for p in self.plan(contract, profiles=profiles).profiles]

    def left_out(self, contract: str) -> tuple[LeftOutProfile, ...]:
        """Return the default profiles that cannot run at a contract's target; empty where the user chose profiles."""
        return self.plan(contract).left_out

    # -- whole profiles ------------------------------------------------------------------------------------------------

    def result(self, contract: str, profile: str) -> ProfileResult:
        """Return a profile's result, from a run now or an earlier one.

        Raises ``AckordError`` if it could not be run, and then ``AlreadyFailed`` for every later caller.
        """
        key = (contract, profile)
        if key not in self._results:
            self._results[key] = self._shared_result(contract, profile)
        return self._results[key]

    def _shared_result(self, contract: str, profile: str) -> ProfileResult:
        plan = self.plan(contract)
        folder = plan.out / profile
        repeat = plan.complete_options(profile=profile).command(("pytest",))
        with self._failing_once(folder):
            journal = folder / "journal.jsonl"
            if self._shared and journal.exists():
                return replace(audit_recordings([journal], plan.openapi).profiles[0], repeat=repeat)
            session = self._session(contract)
            session.plan = replace(plan, repeat=repeat)
            result = _run_beside(session, next(p for p in plan.profiles if p.name == profile))
            if result.cut_short:
                self._cut_short[contract, profile] = result
                raise EnvironmentFailed(result.cut_short)
            return result

    def _share_orders(self, session: Session) -> None:
        """Let all workers count together what the contract's limits allow."""
        whole, out = session.environment.order_allowance, session.plan.out
        if self._shared and whole is not None:
            out.mkdir(parents=True, exist_ok=True)
            session.environment.order_allowance = OrderAllowance(whole.most, shared_at=out / "orders-taken")

    @contextlib.contextmanager
    def _failing_once(self, folder: Path) -> Iterator[None]:
        """Hold the folder's lock, and let what fails in it fail once in all workers.

        Raises ``AlreadyFailed`` if it failed before.
        """
        with _locked(folder) if self._shared else contextlib.nullcontext():
            failure = folder / _FAILURE
            if folder in self._failed or (self._shared and failure.exists()):
                raise AlreadyFailed(self._failed.get(folder) or failure.read_text())
            try:
                yield
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # a test's time-out is none of ours, and ends the run as well
                if not isinstance(error, AlreadyFailed):
                    self._failed[folder] = str(error) or type(error).__name__
                    if self._shared:
                        failure.write_text(self._failed[folder])
                raise

    def _session(self, contract: str) -> Session:
        """Return a contract's session, whose provider passed the preflight.

        Raises ``AckordError`` if it does not start, later ``AlreadyFailed``.
        """
        if contract not in self._sessions:
            with self._failing_once(self._folder(contract)):
                plan = replace(self.plan(contract, profiles=("none",)), profiles=())
                session = Session(plan)
                if not self._shared:  # a folder of workers is new
                    for folder in (plan.out, *(plan.out / "tests").glob("*")):
                        clear_evidence(folder)
                self._share_orders(session)
                self._open.enter_context(session)
                keep_contract(plan.contract, plan.out)
                session.preflight()
                self._sessions[contract] = session
        return self._sessions[contract]

    # -- a user's own tests --------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def interactive(self, wanted: Surroundings) -> Iterator[InteractiveRun]:
        """Yield an interactive run for one test, in the environment of this worker. Raises ``AckordError``."""
        setting = self.setting(wanted)
        run = InteractiveRun(setting.plan, setting.profile, setting.environment, name=setting.name)
        with run:
            yield run
            result = run.result()
        self.keep(setting, result, run.foreign_calls)

    def setting(self, wanted: Surroundings, *, subject: str = "provider") -> Setting:
        """Prepare the environment of this worker for a test. Raises ``AckordError``."""
        times = self._names[wanted.name] = self._names.get(wanted.name, 0) + 1
        name = wanted.name if times == 1 else f"{wanted.name}#{times}"
        plan = self.plan(wanted.contract, profiles=(wanted.profile,))
        profile = with_faults(load_profile(wanted.profile), wanted.faults)
        session = self._session(wanted.contract)
        refuse_unless_possible(profile, session.environment, subject=subject)
        prepare(session.environment, profile, plan.flaw)
        mine = replace(
            plan,
            seed=wanted.seed,
            out=self._folder(wanted.contract) / "tests" / file_name(name),
            repeat=self._repeat(wanted),
        )
        return Setting(name, mine, profile, session.environment)

    def keep(self, setting: Setting, result: ProfileResult, calls: ForeignCalls) -> None:
        """Write a test's report and contract beside its journal, and remember what its own client did."""
        out = setting.plan.out
        page.write(campaign_of([result], str(out)), out, charts=False)
        keep_contract(setting.plan.contract, out)
        if calls.judged or calls.unread:
            self._calls.append(f"{setting.name}: {calls}")
            if self._shared:
                write_file(out / _CALLS, self._calls[-1].encode())

    def _repeat(self, wanted: Surroundings) -> str:
        """The pytest command that repeats one test. It names the session's profiles, for they are in its name."""
        options = replace(self._options, contract=self.plan(wanted.contract, profiles=("none",)).contract_argument)
        return options.command(("pytest", wanted.asked_as or wanted.name, "-m", "not ackord_guarantee"))

    # -- the end -------------------------------------------------------------------------------------------------------

    def evidence(self, contracts: Iterable[str] = ()) -> list[str]:
        """Write a report of the profiles that were run for each contract, and return where everything is, in lines.

        First stands what was not looked at: profiles that cannot run, of those of ``contracts`` that were judged.
        Raises ``FileError``.
        """
        lines = []
        judged = self._results_by_folder()
        for contract in contracts:
            left_out = self.left_out(contract) if self._folder(contract) in judged else ()
            if left_out:
                whole = len(left_out) + len(self.profiles(contract))
                lines.append(
                    f"{Path(contract).stem}: {len(left_out)} of {whole} default profiles cannot run here: "
                    f"{left_out_reasons(left_out)}"
                )
        for folder, results in sorted(judged.items()):
            if results:
                lines.append(f"report: {shown(page.write(campaign_of(results, str(folder)), folder))}")
                lines += dict.fromkeys(why for r in results if (why := not_kept(r)))
        if self._out.exists() and (lines or any(self._out.rglob("journal.jsonl"))):
            lines.append(f"evidence: {shown(self._out)}")
        of_workers = sorted(self._out.glob(f"*/tests/*/{_CALLS}")) if self._shared else []
        return [*(path.read_text() for path in of_workers), *self._calls, *lines]

    def _results_by_folder(self) -> dict[Path, list[ProfileResult]]:
        found: dict[Path, list[ProfileResult]] = {}
        if self._shared:  # the workers ran them, and left journals in a folder of this session alone
            for journal in sorted(self._out.glob("*/*/journal.jsonl")):
                audited = audit_recordings([journal]).profiles[0]
                found.setdefault(journal.parents[1], []).append(audited)
        for (contract, _), result in (self._results | self._cut_short).items():
            if not self._shared:
                found.setdefault(self._folder(contract), []).append(result)
        return found

    def close(self) -> None:
        """End what was started. A shared lock file is all that may stay, with the evidence."""
        self._open.close()


def _run_beside(session: Session, profile: Profile) -> ProfileResult:
    """Run a profile in another thread, so that what interrupts this one (a test's time-out, Ctrl-C) ends the run."""
    refuse_unless_possible(profile, session.environment)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(session.run, profile)
        try:
            return running.result()
        except BaseException:
            while not running.done():  # it may not have come as far as to be stopped
                session.stop()
                wait([running], timeout=0.1)
            raise


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """An exclusive lock that the system releases if its holder dies."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
