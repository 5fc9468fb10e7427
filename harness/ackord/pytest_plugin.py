"""Collect a contract file in pytest as one test item per guarantee and profile, and offer fixtures for tests of one's
own.

Nothing heavy is imported until an option, a fixture or a contract file asks for it: a session that does not use Ackord
pays for this file and the list of options only.

Under pytest-xdist every profile is run once for all workers: the first worker that needs it runs it and leaves the
journal, the others wait at a file lock and judge that journal again, which gives the same verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from .run.options.run_options import RunOptions

if TYPE_CHECKING:
    from .run.interactive import InteractiveRun
    from .run.suite_runs import SuiteRuns

_OPTIONS = tuple(option for option in fields(RunOptions) if option.metadata["suite"])
"""The options of a run that a test suite may give; ``ackord_NAME`` is their name in an ini file."""
_KINDS: dict[str, tuple[dict[str, Any], Literal["args", "bool"] | None]] = {
    "Sequence[str]": ({"action": "append"}, "args"),
    "bool": ({"action": "store_true"}, "bool"),
    "int | None": ({"type": int}, None),
}
_RUNS: pytest.StashKey[SuiteRuns] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ackord", "payment-provider contracts under chaos")
    for option in _OPTIONS:
        flag = "--contract" if option.name == "contract" else f"--chaos-{RunOptions.flag_of(option).removeprefix('--')}"
        name, text = f"ackord_{option.name}", option.metadata["suite"]
        extra, kind = _KINDS.get(str(option.type), ({}, None))
        group.addoption(flag, dest=name, default=None, help=text, **extra)
        parser.addini(name, text, type=kind, default=None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "ackord(guarantee, profile): an item that a contract file was collected as")
    contract = _option(config, "ackord_contract")
    if contract is not None:
        from .contract.loading.loader import locate

        with _UsageErrors():
            path = str(locate("contract", "contracts", contract).resolve())
        # "pytest --contract X" alone selects only this contract; with paths, or from an ini file, it is added to the
        # tests.
        if config.option.ackord_contract is not None and config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args[:] = [path]
        elif not any(Path(str(arg).split("::")[0]).resolve() == Path(path) for arg in config.args):
            config.args.append(path)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give all workers of xdist, if installed, the same seed."""
    node.workerinput["ackord_seed"] = _seed(node.config)


def pytest_report_header(config: pytest.Config) -> str | None:
    contract = _option(config, "ackord_contract")
    return None if contract is None else f"ackord: contract {contract}, seed {_seed(config)}"


def pytest_unconfigure(config: pytest.Config) -> None:
    runs = config.stash.get(_RUNS, None)
    if runs is not None:
        runs.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a YAML file as a contract only if it was named on the command line."""
    if file_path.suffix in (".yaml", ".yml") and parent.session.isinitpath(file_path):
        inside = file_path.is_relative_to(parent.config.rootpath)
        nodeid = file_path.relative_to(parent.config.rootpath).as_posix() if inside else file_path.name
        return ContractFile.from_parent(parent, path=file_path, nodeid=nodeid)
    return None


class ContractFile(pytest.File):
    """A provider's contract."""

    def collect(self) -> Iterator[pytest.Collector]:
        with _UsageErrors(self):
            for profile in _runs(self.config).profiles(str(self.path)):
                yield ProfileCollector.from_parent(self, name=profile)


class ProfileCollector(pytest.Collector):
    """One chaos profile of a contract."""

    def collect(self) -> Iterator[pytest.Item]:
        from .guarantees import GUARANTEES

        for guarantee in GUARANTEES:
            yield GuaranteeItem.from_parent(self, name=guarantee.id)


class GuaranteeItem(pytest.Item):
    """One guarantee under one profile."""

    parent: ProfileCollector

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.add_marker(pytest.mark.ackord(guarantee=self.name, profile=self.parent.name))
        # This keeps a profile's items on one worker under --dist loadgroup; other modes work too, but slower.
        self.add_marker(pytest.mark.xdist_group(f"ackord-{self.parent.name}"))

    def runtest(self) -> None:
        from .core.verdict import Result

        result = _runs(self.config).result(str(self.path), self.parent.name)
        verdict = result.verdict.of(self.name)
        self.user_properties += [
            ("guarantee", self.name),
            ("profile", self.parent.name),
            ("seed", result.verdict.seed),
            ("exposures", verdict.exposures),
            ("result", str(verdict.result)),
        ]
        if verdict.result is Result.NOT_APPLICABLE:
            pytest.skip(verdict.reason or f"the profile {self.parent.name} does not put this to the test")
        if verdict.result is not Result.HELD:
            raise GuaranteeFailed(result, verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from .errors import AckordError

        if isinstance(excinfo.value, GuaranteeFailed | AckordError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.parent.name} / {self.name}"


class GuaranteeFailed(Exception):
    """A guarantee did not hold; the text is the evidence, and the repeat command."""

    def __init__(self, result: Any, verdict: Any) -> None:
        from .report.explanation import explain_finding

        if verdict.findings:
            text = explain_finding(verdict.findings[0], result.history, repeat=result.repeat).text()
        else:
            text = f"{verdict.guarantee}: {verdict.result}: {verdict.reason}\nrepeat: {result.repeat}"
        super().__init__(text)


# -- fixtures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ackord_bench(request: pytest.FixtureRequest) -> Iterator[InteractiveRun]:
    """A provider behind the gateway for one test, with a recorder and a history of its own; see
    ``ackord.run.interactive.InteractiveRun``.
    """
    with _runs(request.config).interactive(request.node.name) as interactive_run:
        yield interactive_run


@pytest.fixture
def provider(ackord_bench: InteractiveRun) -> Any:
    """The surroundings: ``edge_url`` (the gateway), ``direct_url`` (the provider itself), ``words``."""
    return ackord_bench.environment


@pytest.fixture
def merchant(ackord_bench: InteractiveRun) -> InteractiveRun:
    """A merchant: ``submit``, ``resubmit``, ``query``, ``settle``."""
    return ackord_bench


@pytest.fixture
def chaos(ackord_bench: InteractiveRun) -> InteractiveRun:
    """The chosen profile's faults: ``arm(name)``, ``heal(name)``."""
    return ackord_bench


@pytest.fixture
def history(ackord_bench: InteractiveRun) -> Any:
    """A callable that returns the history so far; judge it with ``ackord.guarantees.judge.judge``."""
    return ackord_bench.history


# -- help --------------------------------------------------------------------------------------------------------------


def _option(config: pytest.Config, name: str) -> Any:
    value = getattr(config.option, name, None)
    return value if value is not None else (config.getini(name) or None)


def _seed(config: pytest.Config) -> int:
    worker = getattr(config, "workerinput", {})
    seed = worker.get("ackord_seed", _option(config, "ackord_seed"))
    if seed is None:
        from .core.clock import RealClock

        seed = config.option.ackord_seed = RealClock().now_ns() // 1000 % 1_000_000
    return int(seed)


def _runs(config: pytest.Config) -> SuiteRuns:
    runs = config.stash.get(_RUNS, None)
    if runs is None:
        from .run.suite_runs import SuiteRuns

        given = {option.name: _option(config, f"ackord_{option.name}") for option in _OPTIONS}
        out = Path(given.pop("out") or config.rootpath / "ackord-out" / "pytest")
        given["seed"] = _seed(config)
        options = RunOptions(**{name: value for name, value in given.items() if value is not None})
        shared_by = getattr(config, "workerinput", {}).get("testrunuid", "")
        runs = config.stash[_RUNS] = SuiteRuns(options, out, shared_by=shared_by)
    return runs


class _UsageErrors:
    """Turns a user's mistake into pytest's own kind of error: a message, not a traceback."""

    def __init__(self, collector: pytest.Collector | None = None) -> None:
        self._collector = collector

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from .errors import AckordError

        if isinstance(error, AckordError):
            if self._collector is None:
                raise pytest.UsageError(str(error)) from None
            raise self._collector.CollectError(str(error)) from None
