"""Read ``@pytest.mark.ackord(...)``: the contract, profiles, seed and faults of one test.

A test under several profiles is parametrized: each is what the user asked for, as it is for a contract's own items.
Taking the first would leave the others out in silence, and an error would make one suite need two commands.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from .options import NO_CONTRACT, contract_path, option_of, profiles_of, runs_of, seed_of

if TYPE_CHECKING:
    from ..run.suite_runs import Surroundings

__all__ = ["check_mark", "parametrize", "surroundings_of"]

_KEYWORDS = ("contract", "profile", "seed", "faults")


class _Mark(NamedTuple):
    """What a test's marks say together; the closest to the test counts."""

    contract: str | None
    profiles: tuple[str, ...]
    seed: int | None
    faults: tuple[Any, ...]


def _mark_of(node: pytest.Item) -> _Mark:
    """Raises ``UsageError`` for a mark that says something else."""
    from ..errors import UnknownNameError, UsageError

    said: dict[str, Any] = {}
    for mark in node.iter_markers("ackord"):
        if mark.args:
            raise UsageError(f"@pytest.mark.ackord({mark.args[0]!r}): a value without a name.\n  {_expected()}")
        for name, value in mark.kwargs.items():
            if name not in _KEYWORDS:
                raise UnknownNameError("keyword of @pytest.mark.ackord", name, _KEYWORDS)
            said.setdefault(name, value)
    contract, profile, seed = said.get("contract"), said.get("profile"), said.get("seed")
    if contract is not None and not isinstance(contract, str | Path):
        raise UsageError(f"@pytest.mark.ackord(contract={contract!r}): no name and no path.\n  {_expected()}")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63):
        raise UsageError(f"@pytest.mark.ackord(seed={seed!r}): no seed.\n  expected: a whole number from 0")
    return _Mark(
        None if contract is None else str(contract),
        tuple(map(str, _list(profile, "profile"))),
        seed,
        tuple(_list(said.get("faults"), "faults")),
    )


def _list(value: Any, name: str) -> Sequence[Any]:
    from ..errors import UsageError

    if value is None:
        return ()
    values = [value] if isinstance(value, str | Path | dict) else value
    if not isinstance(values, list | tuple) or not values or not all(isinstance(v, str | Path | dict) for v in values):
        raise UsageError(f"@pytest.mark.ackord({name}={value!r}): no {name}.\n  {_expected()}")
    return values


def _expected() -> str:
    return (
        'expected: ackord(contract="NAME_OR_FILE", profile="NAME_OR_FILE", seed=7, '
        'faults=["lost-answer", {"fault": "latency", "ms": 50}]), each if wanted'
    )


def check_mark(item: pytest.Item) -> None:
    """Refuse a mark that says nothing known, whatever the test does. Raises ``UsageError``."""
    if next(item.iter_markers("ackord"), None) is not None:
        _mark_of(item)


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test under each of its profiles. What is wrong with its mark is told when it is set up."""
    if "ackord_profile" not in metafunc.fixturenames:
        return
    from ..errors import AckordError

    try:
        profiles = _profiles(metafunc.definition, _mark_of(metafunc.definition))
    except AckordError:
        return
    if len(profiles) > 1:
        metafunc.parametrize("ackord_profile", profiles, indirect=True, ids=[Path(p).stem for p in profiles])


def _profiles(node: pytest.Item, mark: _Mark) -> list[str]:
    """Return the profiles of a test, ``none`` where nobody names one."""
    from ..run.resolve import EVERY

    profiles = list(mark.profiles) or profiles_of(node.config)
    contract = _contract(node, mark)
    if profiles == [EVERY] and contract:
        return runs_of(node.config).profiles(contract, profiles=(EVERY,))
    return [_path(node, p) for p in profiles] if mark.profiles else profiles or ["none"]


def _contract(node: pytest.Item, mark: _Mark) -> str:
    """Return the path of the test's contract; empty if none is named. Raises ``UnknownNameError``."""
    from ..contract.loading.loader import locate

    if mark.contract is None:
        path = contract_path(node.config)
        return "" if path is None else str(path)
    return str(locate("contract", "contracts", _path(node, mark.contract)).resolve())


def _path(node: pytest.Item, name: str) -> str:
    """Return a file that a mark names: beside the test's own file, or else below the root of the tests."""
    for folder in (node.path.parent, node.config.rootpath):
        if (found := folder / name).is_file():
            return str(found)
    return name


def _asked_as(node: pytest.Item) -> str:
    """Return the test's name for a command line: a node id counts from the root, the user is where pytest began."""
    _, separator, rest = node.nodeid.partition("::")
    return f"{os.path.relpath(node.path, node.config.invocation_params.dir)}{separator}{rest}"


def surroundings_of(node: pytest.Item, profile: str | None) -> Surroundings:
    """Return what a test's fixtures are to be. ``profile``: the one that it is parametrized with.

    Raises ``UsageError`` if no contract is named, or several profiles for a test that asks for its fixtures while it
    runs.
    """
    from ..errors import UsageError
    from ..run.suite_runs import Surroundings

    mark = _mark_of(node)
    contract = _contract(node, mark)
    if not contract:
        raise UsageError(NO_CONTRACT)
    session = contract_path(node.config)
    if session is not None and str(session) != contract and (target := option_of(node.config, "ackord_target")):
        raise UsageError(
            f"--target {target} is where the provider of {session} is, and this test's mark names {contract}.\n"
            "  mend: name the address in that contract (base_url), or run its tests without --target"
        )
    profiles = [profile] if profile else _profiles(node, mark)
    if len(profiles) > 1:
        raise UsageError(
            f"the profiles {', '.join(profiles)} are named, and this test asks for its fixtures while it runs.\n"
            "  expected: the fixtures among the test's arguments, so that it can be run under each profile\n"
            "  mend: that, or one profile with @pytest.mark.ackord(profile=...)"
        )
    seed = mark.seed if mark.seed is not None else seed_of(node.config)
    return Surroundings(node.nodeid, contract, profiles[0], seed, mark.faults, _asked_as(node))
