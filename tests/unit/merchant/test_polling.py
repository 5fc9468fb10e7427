"""When a merchant asks again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.field_types import Duration
from ackord.core.clock import SECOND
from ackord.merchant.polling import ExponentialPolling, FixedPolling, LadderPolling


def no_jitter(n: int) -> float:
    return 0.0


def test_fixed_asks_first_at_its_first_wait_and_then_at_equal_distances() -> None:
    polling = FixedPolling(first=Duration("2s"), every=Duration("5s"))
    assert [polling.wait_ns(n, no_jitter) // SECOND for n in range(4)] == [2, 5, 5, 5]


def test_a_ladder_repeats_its_last_step() -> None:
    ladder = LadderPolling(kind="ladder", waits=(Duration("1s"), Duration("2s"), Duration("5s")))
    assert [ladder.wait_ns(n, no_jitter) // SECOND for n in range(5)] == [1, 2, 5, 5, 5]


def test_exponential_grows_to_its_longest_wait() -> None:
    polling = ExponentialPolling(kind="exponential", first=Duration("1s"), factor=2.0, most=Duration("10s"), jitter=0.0)
    assert [polling.wait_ns(n, no_jitter) // SECOND for n in range(6)] == [1, 2, 4, 8, 10, 10]


@given(asked=st.integers(0, 10**6), unit=st.floats(0, 1, exclude_max=True), jitter=st.floats(0, 1))
def test_jitter_only_shortens_a_wait(asked: int, unit: float, jitter: float) -> None:
    polling = ExponentialPolling(kind="exponential", first=Duration("1s"), most=Duration("1m"), jitter=jitter)
    whole = polling.wait_ns(asked, no_jitter)
    drawn = polling.wait_ns(asked, lambda n: unit)
    assert round(whole * (1 - jitter)) - 1 <= drawn <= whole <= 60 * SECOND
