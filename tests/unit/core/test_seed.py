"""Chance by name: the same in every process, whatever was drawn before."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import fmean

import pytest

from ackord.core.seed import Seed


def test_it_depends_on_the_seed_and_on_every_part() -> None:
    draws = {Seed(s).bits(*parts) for s in (1, 2) for parts in [(1,), (2,), (1, 2), ("1", "2", 3), ("12",)]}
    assert len(draws) == 10


def test_it_does_not_depend_on_what_was_drawn_before() -> None:
    seed = Seed(7)
    first = seed.unit("order", 3)
    for i in range(10):
        seed.unit(i)
    assert seed.unit("order", 3) == first == Seed(7).unit("order", 3)


@pytest.mark.parametrize("hash_seed", ["0", "123"])
def test_it_is_the_same_in_every_process(hash_seed: str) -> None:
    program = "from ackord.core.seed import Seed; print(Seed(42).bits('lost-answer', 17, 'submit', 1))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    printed = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert int(printed.stdout) == Seed(42).bits("lost-answer", 17, "submit", 1) == 3765253948604788007


def test_draws_are_spread_evenly() -> None:
    units = [Seed(1).unit(i) for i in range(4_000)]
    assert all(0 <= u < 1 for u in units)
    assert abs(fmean(units) - 0.5) < 0.02
    assert abs(sum(Seed(1).hits(0.2, i) for i in range(4_000)) / 4_000 - 0.2) < 0.03
    assert {Seed(1).pick(5, i) for i in range(200)} == set(range(5))
    assert all(3 <= Seed(1).between(3, 4, i) < 4 for i in range(100))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_never_and_always(share: float) -> None:
    assert all(Seed(1).hits(share, i) == bool(share) for i in range(100))


def test_a_derived_seed_is_another_one() -> None:
    seed = Seed(9)
    assert seed.derive("storm").value == seed.derive("storm").value != seed.derive("machine").value
    assert 0 <= seed.derive("storm").value < 1 << 63
    assert repr(seed) == "Seed(9)"
