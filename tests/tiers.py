"""Splits the suite into two tiers and fixes its seed: ``pytest`` plays the gate, ``pytest --full`` plays everything."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest

from ackord.core.clock import RealClock

__all__ = ["SEED_VARIABLE", "gate", "set_seed", "suite_seed"]

SEED_VARIABLE = "ACKORD_TEST_SEED"
_GATE_SEED = 20261122


def set_seed(*, full: bool) -> None:
    """Decide the seed unless the environment names one: fixed in the gate, the day as a number in full.

    It goes into the environment, so that the workers of one run agree on it, also at midnight.
    """
    seed = RealClock.wall_iso()[:10].replace("-", "") if full else str(_GATE_SEED)
    os.environ.setdefault(SEED_VARIABLE, seed)
    try:
        suite_seed()
    except ValueError:
        raise pytest.UsageError(f"{SEED_VARIABLE} must be a whole number, not {os.environ[SEED_VARIABLE]!r}") from None


def suite_seed() -> int:
    """The seed of everything that a test plays by chance. It stands in every failure's repeat command."""
    return int(os.environ[SEED_VARIABLE])


def gate(
    values: Iterable[Any], chosen: Collection[Any], named: Callable[[Any], Any] = lambda value: value
) -> list[Any]:
    """``values`` as parameters, of which the gate plays the chosen ones; the others are marked ``full``.

    ``named`` gives a value's name, by which it is chosen and which becomes its id (names of a tuple are joined).
    Raises ``ValueError`` for a chosen name that no value has.
    """
    values = list(values)
    if missing := set(chosen) - {named(value) for value in values}:
        raise ValueError(f"the gate names what is not there: {sorted(map(str, missing))}")
    return [_parameter(value, named(value), full=named(value) not in chosen) for value in values]


def _parameter(value: Any, name: Any, *, full: bool) -> Any:
    values = value if isinstance(value, tuple) else (value,)
    parts = name if isinstance(name, tuple) else (name,)
    return pytest.param(*values, id="-".join(map(str, parts)), marks=[pytest.mark.full] if full else [])
