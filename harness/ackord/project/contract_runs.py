"""Says which contracts a command is about, and with which options: the command line comes before an entry of the file,
an entry before what the file says of all, and that before the defaults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from ..contract.loading.loader import contract_names, locate
from ..errors import AckordError, FileError, UsageError
from ..run.evidence import unused_folder
from ..run.options.run_options import RunOptions
from ..run.resolve import new_seed
from .settings import SETTABLE, ContractEntry, ProjectSettings, key_of

__all__ = ["ContractRun", "contract_runs", "described"]

T = TypeVar("T")
_DEFAULT_CONTRACT = "reference"


@dataclass(frozen=True, slots=True)
class ContractRun:
    """One contract that is to be judged."""

    name: str
    """What it is called beside others: the folder of its evidence."""
    options: RunOptions
    settings: ProjectSettings | None = None
    entry: ContractEntry | None = None
    given: frozenset[str] = field(default_factory=frozenset)
    """Options that the command line said."""

    def source_of(self, option: str) -> str:
        """Return who said an option: ``command line``, ``ackord.toml:3`` or ``default``."""
        if option in self.given:
            return "command line"
        return (self.settings.place(option, self.entry) if self.settings is not None else "") or "default"

    def without(self, *names: str) -> ContractRun:
        """Return the run with the defaults of these options, unless the command line said them."""
        defaults = RunOptions()
        reset = {name: getattr(defaults, name) for name in names if name not in self.given}
        return replace(self, options=replace(self.options, **reset))

    def placed(self, use: Callable[[RunOptions], T]) -> T:
        """Return what ``use`` makes of the options. A ``UsageError`` about what the file says gets its line."""
        try:
            return use(self.options)
        except UsageError as error:
            raise self._placed(error) from None

    def _placed(self, error: UsageError) -> AckordError:
        if self.settings is None:
            return error
        for option in SETTABLE:
            at = self.settings.at(option, self.entry)
            if at is None or option in self.given:
                continue
            value = getattr(self.options, option)
            words = [str(item) for item in value] if isinstance(value, list) else [str(value)]
            for number, word in enumerate(words):
                if word and _is_about(error, f"--{_flag_word(option)}", word):
                    exact = (*at, number) if isinstance(value, list) else at
                    return self.settings.document.error(exact, f"{key_of(option)}: {error}")
        return error


def _flag_word(option: str) -> str:
    (found,) = (f for f in fields(RunOptions) if f.name == option)
    return RunOptions.flag_of(found).removeprefix("--").partition("/")[0]


def _is_about(error: UsageError, flag: str, value: str) -> bool:
    first = str(error).partition("\n")[0]
    if isinstance(error, FileError):
        return str(error.path) == value
    return f"{flag} {value}" in first or f'"{value}"' in first


def contract_runs(
    contracts: Sequence[str], given: Mapping[str, Any], settings: ProjectSettings | None
) -> list[ContractRun]:
    """Return the runs, at least one. ``given``: options of the command line. Raises ``UsageError``."""
    if settings is None:
        chosen: list[tuple[str, ContractEntry | None]] = [(name, None) for name in contracts or [_DEFAULT_CONTRACT]]
    else:
        chosen = list(_chosen(contracts, settings))
    runs = [
        ContractRun(
            _name_of(contract, entry), _merged(contract, given, settings, entry), settings, entry, frozenset(given)
        )
        for contract, entry in chosen
    ]
    if len(runs) == 1:
        return [_beside_the_others(runs[0])]
    if twice := {run.name for run in runs if sum(other.name == run.name for other in runs) > 1}:
        raise UsageError(f"a contract is named twice: {', '.join(sorted(twice))}\n  mend: name each of them once")
    return _side_by_side(runs)


def _chosen(contracts: Sequence[str], settings: ProjectSettings) -> Iterator[tuple[str, ContractEntry | None]]:
    if not contracts:
        if not settings.contracts:
            raise settings.document.error(
                (),
                "it does not say which contracts are to be judged",
                mend='add contracts = ["mine.yaml"], or name one on the command line, such as '
                f"ackord certify {_DEFAULT_CONTRACT}",
            )
        for entry in settings.contracts:
            _refuse_unknown(entry, settings)
            yield entry.contract, entry
    for wanted in contracts:
        yield wanted, next((e for e in settings.contracts if _is_meant(wanted, e)), None)


def _refuse_unknown(entry: ContractEntry, settings: ProjectSettings) -> None:
    """Raise ``FileError`` at the entry's line if it names no contract."""
    try:
        locate("contract", "contracts", entry.contract)
    except FileError as error:
        mend = f"mend the path, which is relative to {settings.path.name}, or give a contract by name: "
        mend += ", ".join(contract_names("contracts"))
        problem = f"there is no file {entry.contract}" if error.line is None else error.problem
        raise settings.document.error(entry.at, problem, mend=mend) from None
    except UsageError as error:
        raise settings.document.error(entry.at, str(error)) from None


def _is_meant(wanted: str, entry: ContractEntry) -> bool:
    if wanted in (entry.name, entry.contract):
        return True
    return Path(wanted).exists() and Path(entry.contract).exists() and Path(wanted).samefile(entry.contract)


def _name_of(contract: str, entry: ContractEntry | None) -> str:
    return (entry.name if entry is not None else "") or Path(contract).stem


def _merged(
    contract: str, given: Mapping[str, Any], settings: ProjectSettings | None, entry: ContractEntry | None
) -> RunOptions:
    said: dict[str, Any] = {}
    if settings is not None:
        said |= settings.settings
        said |= entry.settings if entry is not None else {}
        # The command that repeats a run says all that is no default, so it must not read the file again.
        said["isolated"] = True
        contract = entry.contract if entry is not None else contract
    return RunOptions(contract, **{**said, **given})


def _beside_the_others(run: ContractRun) -> ContractRun:
    """Give one of several contracts of a file the folder that it has when all are judged."""
    shared = run.settings.settings.get("out") if run.settings is not None and len(run.settings.contracts) > 1 else None
    if shared is None or "out" in run.given:
        return run
    return replace(run, options=replace(run.options, out=shared / run.name))


def _side_by_side(runs: Sequence[ContractRun]) -> list[ContractRun]:
    """Give each run a folder of its own below one, and all one seed."""
    seed = next((run.options.seed for run in runs if run.options.seed is not None), None)
    seed = new_seed() if seed is None else seed
    out = runs[0].options.out or unused_folder(f"contracts-seed{seed}")
    return [
        replace(
            run,
            options=replace(
                run.options, out=out / run.name, seed=seed if run.options.seed is None else run.options.seed
            ),
        )
        for run in runs
    ]


def described(runs: Sequence[ContractRun], settings: ProjectSettings | None) -> Iterator[str]:
    """Return lines of TOML: the options of each run, with who said them."""
    yield f"# {settings.path}" if settings is not None else "# no ackord.toml, and no pyproject.toml with [tool.ackord]"
    for run in runs:
        yield ""
        yield "[[contracts]]"
        yield f"contract = {json.dumps(run.options.contract)}"
        for option in SETTABLE:
            value, source = getattr(run.options, option), run.source_of(option)
            if source == "default" and value in (None, "", (), []):
                continue
            yield f"{key_of(option)} = {_toml(value)}  # {source}"


def _toml(value: Any) -> str:
    """Return a value as TOML writes it, which for these is as JSON does."""
    return json.dumps(str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value)
