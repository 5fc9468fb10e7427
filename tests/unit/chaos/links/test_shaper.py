"""When chunks may leave a link: latency that does not add up, order that is kept, bandwidth that holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.links.shaper import DOWNSTREAM, UPSTREAM, Shape, Shaper
from ackord.core.clock import MS, SECOND
from ackord.errors import UsageError

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shaper(way: str = DOWNSTREAM, connection: int = 1, **shape: Any) -> Shaper:
    made = Shaper(connection, way)
    made.set_shape(Shape(**shape))
    return made


def test_without_a_shape_bytes_leave_as_they_come() -> None:
    s = shaper()
    assert [s.release_ns(t, 100) for t in (5, 6, 6, 9)] == [5, 6, 6, 9]
    assert s.piece_bytes is None


def test_latency_counts_from_each_arrival() -> None:
    s = shaper(latency_ms=10)
    assert [s.release_ns(t * MS, 100) for t in (0, 1, 1, 30)] == [10 * MS, 11 * MS, 11 * MS, 40 * MS]


def test_a_lowered_latency_never_reorders() -> None:
    s = shaper(latency_ms=100)
    first = s.release_ns(0, 1)
    s.set_shape(Shape(latency_ms=1))
    assert s.release_ns(1 * MS, 1) == first
    s.set_shape(Shape())
    assert s.release_ns(2 * MS, 1) == first
    assert s.release_ns(200 * MS, 1) == 200 * MS


@pytest.mark.parametrize(("direction", "down_ms", "up_ms"), [("downstream", 7, 0), ("upstream", 0, 7), ("both", 7, 7)])
def test_directions(direction: str, down_ms: int, up_ms: int) -> None:
    assert shaper(DOWNSTREAM, latency_ms=7, direction=direction).release_ns(0, 1) == down_ms * MS
    assert shaper(UPSTREAM, latency_ms=7, direction=direction).release_ns(0, 1) == up_ms * MS


def test_bandwidth_is_time_on_the_wire_and_latency_comes_after_it() -> None:
    s = shaper(bandwidth_kib_per_s=1, latency_ms=5)
    assert s.release_ns(0, 1024) == SECOND + 5 * MS
    assert s.release_ns(0, 512) == SECOND + SECOND // 2 + 5 * MS
    assert s.release_ns(10 * SECOND, 1024) == 11 * SECOND + 5 * MS


def test_a_narrow_link_lets_bytes_flow_in_pieces() -> None:
    assert shaper(bandwidth_kib_per_s=1000).piece_bytes == 5120
    assert shaper(bandwidth_kib_per_s=1).piece_bytes == 512


@calm
@given(
    st.lists(st.tuples(st.integers(0, 20 * MS), st.integers(0, 5000)), max_size=40),
    st.integers(0, 1 << 32),
    st.sampled_from([None, 64.0]),
)
def test_order_is_kept_and_jitter_is_bounded_and_keyed(
    arrivals: list[tuple[int, int]], seed: int, bandwidth: float | None
) -> None:
    shape: dict[str, Any] = {"latency_ms": 5.0, "jitter_ms": 3.0, "seed": seed, "bandwidth_kib_per_s": bandwidth}
    s, again = shaper(**shape), shaper(**shape)
    now = last = 0
    for gap, size in arrivals:
        now += gap
        out = s.release_ns(now, size)
        assert out == again.release_ns(now, size)
        assert out >= last
        assert out >= now + 2 * MS
        if bandwidth is None:
            assert out <= max(last, now + 8 * MS)
        last = out


def test_jitter_differs_by_seed_connection_and_direction() -> None:
    def first(seed: int, connection: int, way: str) -> int:
        return shaper(way, connection, latency_ms=50, jitter_ms=50, seed=seed, direction="both").release_ns(0, 1)

    outs = {first(1, 1, DOWNSTREAM), first(2, 1, DOWNSTREAM), first(1, 2, DOWNSTREAM), first(1, 1, UPSTREAM)}
    assert len(outs) == 4
    assert first(1, 1, DOWNSTREAM) in outs


@pytest.mark.parametrize(
    "bad",
    [
        {"latency_ms": -1},
        {"latency_ms": "5"},
        {"jitter_ms": -0.1},
        {"bandwidth_kib_per_s": 0},
        {"bandwidth_kib_per_s": -3},
        {"direction": "sideways"},
    ],
)
def test_a_shape_that_makes_no_sense_is_refused(bad: dict[str, Any]) -> None:
    (name,) = bad
    with pytest.raises(UsageError, match=name):
        Shape(**bad)
