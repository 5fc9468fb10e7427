"""Shares that were counted, and their bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.core.share_interval import counted_share


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_within_its_bounds(counted: tuple[int, int]) -> None:
    share, low, high = counted_share(*counted)
    assert 0 <= low <= share <= high <= 1
    assert low < high


def test_known_values() -> None:
    assert counted_share(0, 10_000).high == pytest.approx(2.995e-4, rel=1e-3)  # about three in n: the rule of three
    low, high = counted_share(10, 100)[1:]
    assert (low, high) == (pytest.approx(0.0552, abs=1e-3), pytest.approx(0.1744, abs=1e-3))
    assert counted_share(7, 7).low == pytest.approx(0.05 ** (1 / 7))


def test_more_orders_narrow_it() -> None:
    few, many = counted_share(5, 100), counted_share(500, 10_000)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(("count", "of"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(count: int, of: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        counted_share(count, of)
