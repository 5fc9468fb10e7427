"""Collect contract files: which paths are contracts, and the items that they become.

pytest 8 and pytest 9 treat a file that is named beside a folder that holds it differently: one collects the folder
without its other tests, the other the folder without the file. So such a file is never left among the arguments. It is
remembered, and collected when the folder is; a file that no argument leads to is added at the end of collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .guarantee_item import GuaranteeItem, LeftOutItem
from .options import UsageErrors, contract_path, option_of, runs_of, seed_of

__all__ = [
    "ContractFile",
    "add_missing",
    "choose_arguments",
    "collected_contracts",
    "contract_file",
    "header",
    "named_contracts",
    "share_with_worker",
]

_NAMED: pytest.StashKey[frozenset[Path]] = pytest.StashKey()
"""Files that the user called contracts."""
_COLLECTED: pytest.StashKey[set[Path]] = pytest.StashKey()
_ALONE: pytest.StashKey[bool] = pytest.StashKey()


def choose_arguments(config: pytest.Config, contract: Path) -> None:
    """Make ``config.args`` what is to be collected for a session with ``contract``.

    ``pytest --contract X`` alone selects this contract only; with paths, or from an ini file, it is added to the tests.
    """
    if config.option.ackord_contract is not None and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(contract)]
        config.stash[_ALONE] = True
        return
    paths = {argument: _path_of(config, argument) for argument in config.args}
    if contract not in paths.values() and not _is_below(contract, paths.values()):
        config.args.append(str(contract))


def named_contracts(config: pytest.Config) -> frozenset[Path]:
    """Return the files that are contracts by the user's word, and take those out of the arguments that a folder among
    them leads to.
    """
    named = config.stash.get(_NAMED, None)
    if named is None:
        paths = {argument: _path_of(config, argument) for argument in config.args}
        found = {path for path in paths.values() if path.suffix in (".yaml", ".yml") and path.is_file()}
        config.args[:] = [a for a in config.args if paths[a] not in found or not _is_below(paths[a], paths.values())]
        found |= {Path(path) for path in getattr(config, "workerinput", {}).get("ackord_contracts", ())}
        contract = contract_path(config)
        named = config.stash[_NAMED] = frozenset(found | ({contract} if contract is not None else set()))
    return named


def share_with_worker(node: Any) -> None:
    """Tell a worker of xdist which files are contracts: its arguments no longer do."""
    node.workerinput["ackord_contracts"] = sorted(map(str, named_contracts(node.config)))


def _path_of(config: pytest.Config, argument: Any) -> Path:
    return (config.invocation_params.dir / str(argument).split("::")[0]).resolve()


def _is_below(file: Path, paths: Iterable[Path]) -> bool:
    return any(path in file.parents and path.is_dir() for path in paths)


def header(config: pytest.Config) -> str | None:
    contract = option_of(config, "ackord_contract")
    if contract is None:
        return None
    alone = (
        "; only its guarantees are collected: name paths to run tests too" if config.stash.get(_ALONE, False) else ""
    )
    return f"ackord: contract {contract}, seed {seed_of(config)}{alone}"


def contract_file(path: Path, parent: pytest.Collector) -> ContractFile | None:
    """Return the collector of a file that was named as a contract; ``None`` for any other file."""
    if path.suffix not in (".yaml", ".yml") or path.resolve() not in named_contracts(parent.config):
        return None
    inside = path.is_relative_to(parent.config.rootpath)
    name = path.relative_to(parent.config.rootpath).as_posix() if inside else path.name
    return ContractFile.from_parent(parent, path=path, nodeid=name)


def add_missing(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the items of the session's contract if no argument led to it: its folder may not be one for tests."""
    contract = contract_path(config)
    if contract is None or contract in config.stash.get(_COLLECTED, set()):
        return
    found = contract_file(contract, session)
    assert found is not None
    items.extend(session.genitems(found))


def collected_contracts(config: pytest.Config) -> list[str]:
    """Return the paths of the contracts that were collected, here or by xdist's workers."""
    return sorted(map(str, config.stash.get(_COLLECTED, None) or named_contracts(config)))


class ContractFile(pytest.Module):
    """A provider's contract. It is a module without an object, so that fixtures of every scope can be set up for it."""

    obj = None

    def collect(self) -> Iterator[pytest.Collector]:
        self.config.stash.setdefault(_COLLECTED, set()).add(self.path.resolve())
        with UsageErrors(self):
            runs = runs_of(self.config)
            for profile in runs.profiles(str(self.path)):
                yield ProfileCollector.from_parent(self, name=profile)
            for left_out in runs.left_out(str(self.path)):
                yield LeftOutCollector.from_parent(self, name=left_out.profile, reason=left_out.reason)


class ProfileCollector(pytest.Collector):
    """One chaos profile of a contract."""

    def collect(self) -> Iterator[pytest.Item]:
        from ..guarantees import GUARANTEES

        for guarantee in GUARANTEES:
            yield GuaranteeItem.from_parent(self, name=guarantee.id, callobj=_nothing)


class LeftOutCollector(pytest.Collector):
    """A chaos profile that the target cannot run."""

    def __init__(self, reason: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._reason = reason

    def collect(self) -> Iterator[pytest.Item]:
        yield LeftOutItem.from_parent(self, name="profile-judged", reason=self._reason)


def _nothing() -> None:
    """Stand for the function of an item that has none: pytest asks it which fixtures it wants."""
