"""The amounts that a run may submit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.core.amount_range import AmountRange


@st.composite
def ranges(draw: st.DrawFn) -> AmountRange:
    step, least = draw(st.integers(1, 1000)), draw(st.integers(1, 10_000))
    first = -(-least // step) * step
    return AmountRange(least, first + draw(st.integers(step, 50 * step)), step)


@given(ranges(), st.integers(0, 10**6), st.integers(1, 10**4))
def test_every_amount_that_it_gives_is_in_it(amounts: AmountRange, number: int, by: int) -> None:
    one, fitted = amounts.at(number), amounts.fit(number)
    other = amounts.other(one, by)
    for amount in (one, fitted, other):
        assert amounts.least <= amount <= amounts.largest
        assert amount % amounts.step == 0
    assert other != one, "an altered payload differs"


def test_what_is_in_it_stays_as_it_is() -> None:
    amounts = AmountRange(100, 5000)
    assert amounts.fit(1999) == 1999
    assert amounts.other(1999, 250) == 2249
    assert AmountRange(10_000, 50_000, 1000).other(12_000, 7) == 13_000


def test_a_range_of_fewer_than_two_amounts_is_none() -> None:
    assert AmountRange(100, 200, 100).count == 2
    for least, largest, step in ((100, 100, 1), (101, 199, 100), (500, 100, 1), (1, 199, 100)):
        with pytest.raises(ValueError, match="a run needs two"):
            AmountRange(least, largest, step)
