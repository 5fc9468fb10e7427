"""Run each profile once for a test suite, however many test items and workers ask for it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..core.result import ProfileResult
from ..errors import AckordError, EnvironmentFailed
from ..workload.order_allowance import OrderAllowance
from .audit import audit_recordings
from .environments.base import Environment
from .interactive import InteractiveRun
from .options.plan import RunPlan
from .options.run_options import RunOptions
from .resolve import load_profile, make_plan
from .session import Session, prepare

__all__ = ["SuiteRuns"]


class SuiteRuns:
    """One worker's view of the runs. Workers of one test run share results by ``shared_by``.

    Each profile's journal is under ``out``.
    """

    def __init__(self, options: RunOptions, out: Path, *, shared_by: str = "") -> None:
        self._options = options
        self._out = out / (f"run-{shared_by}" if shared_by else f"seed{options.seed}")
        self._shared = bool(shared_by)
        self._plans: dict[str, RunPlan] = {}
        self._sessions: dict[str, Session] = {}
        self._refused: dict[str, AckordError] = {}
        """By contract: why its provider cannot be judged."""
        self._open = contextlib.ExitStack()
        self._results: dict[tuple[str, str], ProfileResult | AckordError] = {}

    def plan(self, contract: str) -> RunPlan:
        """The plan for a contract. Raises ``UsageError``."""
        if contract not in self._plans:
            out = self._out / Path(contract).stem
            self._plans[contract] = make_plan(replace(self._options, contract=contract, out=out))
        return self._plans[contract]

    def profiles(self, contract: str) -> list[str]:
        return [p.name for p in self.plan(contract).profiles]

    def result(self, contract: str, profile: str) -> ProfileResult:
        """Return a profile's result, from a run now or an earlier one.

        Raises ``AckordError`` if it could not be run, and then the same error for every caller.
        """
        key = (contract, profile)
        if key not in self._results:
            try:
                self._results[key] = self._shared_result(contract, profile)
            except AckordError as error:
                self._results[key] = error
        found = self._results[key]
        if isinstance(found, AckordError):
            raise found
        return found

    def _shared_result(self, contract: str, profile: str) -> ProfileResult:
        plan = self.plan(contract)
        if not self._shared:
            return self._run(plan, contract, profile)
        folder = plan.out / profile
        folder.mkdir(parents=True, exist_ok=True)
        journal, failure = folder / "journal.jsonl", folder / "failure.txt"
        with _locked(folder / "lock"):
            if failure.exists():
                raise EnvironmentFailed(failure.read_text())
            if journal.exists():
                return audit_recordings([journal], plan.openapi).profiles[0]
            try:
                return self._run(plan, contract, profile)
            except AckordError as error:
                failure.write_text(str(error))
                raise

    def _run(self, plan: RunPlan, contract: str, profile: str) -> ProfileResult:
        wanted = next(p for p in plan.profiles if p.name == profile)
        return self._session(contract).run(wanted)

    def _session(self, contract: str) -> Session:
        """The contract's session, whose provider passed the preflight. Raises the same ``AckordError`` every time."""
        if contract in self._refused:
            raise self._refused[contract]
        if contract not in self._sessions:
            try:
                session = Session(self.plan(contract))
                self._share_orders(session)
                self._open.enter_context(session)
                session.preflight()
            except AckordError as error:
                self._refused[contract] = error
                raise
            self._sessions[contract] = session
        return self._sessions[contract]

    def _share_orders(self, session: Session) -> None:
        """Let all workers count together what the contract's limits allow."""
        whole, out = session.environment.order_allowance, session.plan.out
        if self._shared and whole is not None:
            out.mkdir(parents=True, exist_ok=True)
            session.environment.order_allowance = OrderAllowance(whole.most, shared_at=out / "orders-taken")

    @contextlib.contextmanager
    def interactive(self, name: str) -> Iterator[InteractiveRun]:
        """Yield an interactive run for one test, in the environment of this worker."""
        contract = self._options.contract
        plan = self.plan(contract)
        profile = load_profile(next(iter(self._options.profiles), "none"))
        environment: Environment = self._session(contract).environment
        prepare(environment, profile, plan.flaw)
        safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
        with InteractiveRun(replace(plan, out=plan.out / "tests" / safe), profile, environment) as run:
            yield run

    def close(self) -> None:
        """End what was started. A shared lock file is all that may stay, with the evidence."""
        self._open.close()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """An exclusive lock that the system releases if its holder dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
