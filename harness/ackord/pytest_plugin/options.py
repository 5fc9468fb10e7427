"""Read the plug-in's options from command line, ini file and xdist, and keep one ``SuiteRuns`` a process."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from ..run.options.run_options import RunOptions

if TYPE_CHECKING:
    from ..run.suite_runs import SuiteRuns

__all__ = [
    "NO_CONTRACT",
    "UsageErrors",
    "add_options",
    "close_runs",
    "contract_path",
    "option_of",
    "profiles_of",
    "runs_of",
    "seed_of",
    "share_with_workers",
    "suite_words",
]

OPTIONS = tuple(option for option in fields(RunOptions) if option.metadata["suite"])
"""The options of a run that a test suite may give; ``ackord_NAME`` is their name in an ini file."""
NO_CONTRACT = (
    "no contract is named, so nobody knows which provider this test is about.\n"
    "  expected: --contract NAME_OR_FILE, ackord_contract in the ini file, or "
    '@pytest.mark.ackord(contract="NAME_OR_FILE")\n'
    '  mend: --contract reference, for the provider that comes with Ackord; "ackord contract list" names the others'
)
_KINDS: dict[str, tuple[dict[str, Any], Literal["args", "bool", "string"]]] = {
    "Sequence[str]": ({"action": "append"}, "args"),
    "bool": ({"action": "store_true"}, "bool"),
    "int": ({"type": int}, "string"),
    "int | None": ({"type": int}, "string"),
}
_RUNS: pytest.StashKey[SuiteRuns] = pytest.StashKey()
_SHARED_BY: pytest.StashKey[str] = pytest.StashKey()


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("ackord", "payment-provider contracts under chaos")
    for option in OPTIONS:
        name, text = f"ackord_{option.name}", option.metadata["suite"]
        extra, kind = _KINDS.get(str(option.type), ({}, "string"))
        group.addoption(RunOptions.suite_flag_of(option), dest=name, default=None, help=text, **extra)
        parser.addini(name, text, type=kind, default=None)


def option_of(config: pytest.Config, name: str) -> Any:
    """Return an option from the command line, or else from the ini file; ``None`` if it is in neither."""
    value = getattr(config.option, name, None)
    if value is not None:
        return value
    value = config.getini(name) or None
    return int(value) if value is not None and name in ("ackord_seed", "ackord_callback_port") else value


def contract_path(config: pytest.Config) -> Path | None:
    """Return the contract of the session. Raises ``pytest.UsageError`` for one that does not exist."""
    contract = option_of(config, "ackord_contract")
    if contract is None:
        return None
    from ..contract.loading.loader import locate

    if config.option.ackord_contract is None and config.inipath is not None:
        beside_ini = config.inipath.parent / contract
        contract = beside_ini if beside_ini.is_file() else contract
    with UsageErrors():
        return locate("contract", "contracts", contract).resolve()


def profiles_of(config: pytest.Config) -> list[str]:
    """Return the profiles that the session names."""
    return list(option_of(config, "ackord_profiles") or ())


def seed_of(config: pytest.Config) -> int:
    """Return the seed of the session, the same in all workers."""
    worker = getattr(config, "workerinput", {})
    seed = worker.get("ackord_seed", option_of(config, "ackord_seed"))
    if seed is None:
        from ..core.clock import RealClock

        seed = config.option.ackord_seed = RealClock().now_ns() // 1000 % 1_000_000
    return int(seed)


def share_with_workers(node: Any) -> None:
    """Prepare one worker of xdist: its seed is the session's, and its runs are those of all workers."""
    node.workerinput["ackord_seed"] = seed_of(node.config)
    node.config.stash[_SHARED_BY] = node.workerinput.get("testrunuid", "")


def runs_of(config: pytest.Config) -> SuiteRuns:
    """Return what this process runs, or, where xdist's workers do that, a view of what they left."""
    runs = config.stash.get(_RUNS, None)
    if runs is None:
        from ..run.suite_runs import SuiteRuns

        given = {option.name: option_of(config, f"ackord_{option.name}") for option in OPTIONS}
        contract = contract_path(config)
        given["contract"] = "" if contract is None else str(contract)
        out = Path(given.pop("out") or config.rootpath / "ackord-out" / "pytest")
        given["seed"] = seed_of(config)
        options = RunOptions(**{name: value for name, value in given.items() if value is not None})
        shared_by = getattr(config, "workerinput", {}).get("testrunuid", "") or config.stash.get(_SHARED_BY, "")
        runs = config.stash[_RUNS] = SuiteRuns(options, out, shared_by=shared_by)
    return runs


def started_runs(config: pytest.Config) -> SuiteRuns | None:
    """Return the runs of this session, if there are any."""
    return runs_of(config) if _RUNS in config.stash or _SHARED_BY in config.stash else None


def close_runs(config: pytest.Config) -> None:
    runs = config.stash.get(_RUNS, None)
    if runs is not None:
        runs.close()


_COMMAND = re.compile(r"(\backord [^\n)]*)")
_FLAG = re.compile(r"--[a-z][a-z-]*")
_FLAGS = {flag: RunOptions.suite_flag_of(option) for option in OPTIONS for flag in [RunOptions.flag_of(option)]}


def suite_words(text: str) -> str:
    """Rewrite the options in a message as pytest has them; commands of ``ackord`` itself stay as they are."""
    parts = _COMMAND.split(text)
    parts[::2] = [_FLAG.sub(lambda flag: _FLAGS.get(flag[0], flag[0]), part) for part in parts[::2]]
    return "".join(parts)


class UsageErrors:
    """Turns a user's mistake into pytest's own kind of error: a message, not a traceback."""

    def __init__(self, collector: pytest.Collector | None = None) -> None:
        self._collector = collector

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from ..errors import AckordError

        if isinstance(error, AckordError):
            if self._collector is None:
                raise pytest.UsageError(suite_words(str(error))) from None
            raise self._collector.CollectError(suite_words(str(error))) from None
