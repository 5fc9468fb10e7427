"""Histories on each side of a guarantee's edge, as a table: what is to come out, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from ackord.core.promises import Promises

from .build import Order, order, result_of

__all__ = ["Case", "check", "table"]


class Case(NamedTuple):
    """One order, judged by one guarantee."""

    name: str
    expected: str
    """``none`` (no exposure), ``held``, ``UNSAFE`` or ``VIOLATED``."""
    act: Callable[[Order], Order]
    promises: Promises | None = None
    healed: float | None = None
    window: float | None = None
    first_words: frozenset[str] = frozenset()
    """What first attempts of the run were told that were turned away."""


def table(*cases: Case) -> pytest.MarkDecorator:
    """Each case is a test of its own, called by its name; the table must have a side that holds and
    one that does not.
    """
    expected = {c.expected for c in cases}
    assert "held" in expected and "none" in expected and "VIOLATED" in expected, (
        f"a side of the edge is missing: {expected}"
    )
    return pytest.mark.parametrize("case", cases, ids=[c.name for c in cases])


def check(guarantee: str, case: Case) -> None:
    got = result_of(
        guarantee,
        case.act(order()),
        case.promises,
        healed=case.healed,
        window=case.window,
        first_words=case.first_words,
    )
    assert got == case.expected
