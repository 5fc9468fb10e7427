"""The stages of one direction together: order is kept, bytes are kept, delays add up, and toxics come and go
underneath.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.links.kinds import (
    BandwidthToxic,
    LatencyToxic,
    LimitDataToxic,
    NoopToxic,
    ResetPeerToxic,
    SlicerToxic,
    SlowCloseToxic,
    TimeoutToxic,
)
from ackord.chaos.links.kinds.base import NEVER_NS, StreamItem, StreamMark, Toxic
from ackord.chaos.links.toxic_chain import ToxicChain
from ackord.core.clock import MS, SECOND
from ackord.core.seed import Seed

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Played:
    """A line with a clock: what was emitted, and when."""

    def __init__(self, *toxics: Toxic, seed: int = 1) -> None:
        self.now_ns = 0
        self.emitted: list[tuple[int, StreamItem]] = []
        self.line = ToxicChain(
            lambda toxic: Seed(seed).derive(toxic.name), lambda item: self.emitted.append((self.now_ns, item))
        )
        self.line.set_toxics(0, toxics)

    def put(self, item: StreamItem, at_ms: float | None = None) -> None:
        if at_ms is not None:
            self.go_to(round(at_ms * MS))
        self.line.put(self.now_ns, item)

    def go_to(self, at_ns: int) -> None:
        """Wake the line whenever it asks for it, as its timer does, up to an instant."""
        while (next_ns := self.line.next_ns) <= at_ns:
            self.now_ns = max(self.now_ns, next_ns)
            self.line.advance(self.now_ns)
        self.now_ns = at_ns

    def set_toxics(self, *toxics: Toxic) -> None:
        self.line.set_toxics(self.now_ns, toxics)

    def end(self) -> list[tuple[float, StreamItem]]:
        """Everything that is ever emitted, with instants in milliseconds."""
        self.go_to(NEVER_NS - 1)
        return [(at_ns / MS, item) for at_ns, item in self.emitted]

    @property
    def data(self) -> bytes:
        return b"".join(item for _, item in self.emitted if isinstance(item, bytes))


def test_without_toxics_everything_leaves_as_it_comes() -> None:
    played = Played()
    assert played.line.empty
    played.put(b"a", 1)
    played.put(b"b", 1)
    played.put(StreamMark.END, 2)
    assert played.end() == [(1, b"a"), (1, b"b"), (2, StreamMark.END)]


def test_latency_counts_from_each_arrival_and_does_not_add_up() -> None:
    played = Played(LatencyToxic(latency_ms=50))
    for at in range(5):
        played.put(b"x", at)
    assert [at for at, _ in played.end()] == [50, 51, 52, 53, 54]


def test_the_end_waits_for_the_bytes_before_it_and_no_longer() -> None:
    played = Played(LatencyToxic(latency_ms=50))
    played.put(b"x", 0)
    played.put(StreamMark.END, 10)
    assert played.end() == [(50, b"x"), (50, StreamMark.END)]
    alone = Played(LatencyToxic(latency_ms=50))
    alone.put(StreamMark.END, 10)
    assert alone.end() == [(10, StreamMark.END)]


def test_delays_add_up_exactly_however_late_somebody_looks() -> None:
    played = Played(LatencyToxic(latency_ms=10), LatencyToxic(name="second", latency_ms=15))
    played.line.put(0, b"x")
    played.line.advance(14 * MS)  # late: it was to enter the second at 10
    assert played.line.next_ns == 25 * MS


def test_jitter_never_lets_a_chunk_overtake() -> None:
    played = Played(LatencyToxic(latency_ms=20, jitter_ms=20))
    for n in range(200):
        played.put(b"%03d" % n, n * 0.1)
    emitted = played.end()
    assert played.data == b"".join(b"%03d" % n for n in range(200))
    assert [at for at, _ in emitted] == sorted(at for at, _ in emitted)
    assert all(n * 0.1 <= at <= n * 0.1 + 40 + 20 for n, (at, _) in enumerate(emitted))


def test_bandwidth_is_exact_over_any_number_of_chunks() -> None:
    played = Played(BandwidthToxic(rate_kb_per_s=10))
    played.put(b"x" * 300, 0)
    played.put(b"x" * 700, 5)
    assert played.end()[-1][0] == 100
    assert len(played.data) == 1000


def test_bandwidth_earns_no_credit_while_idle() -> None:
    played = Played(BandwidthToxic(rate_kb_per_s=1))
    played.put(b"x" * 10, 0)
    played.put(b"x" * 10, 1000)
    assert [at for at, _ in played.end()] == [10, 1010]


def test_no_bandwidth_holds_everything_until_it_is_removed() -> None:
    played = Played(BandwidthToxic(rate_kb_per_s=0))
    played.put(b"first", 0)
    played.put(b"second", 1)
    played.put(StreamMark.END, 2)
    played.go_to(3600 * SECOND)
    assert played.emitted == []
    played.set_toxics()
    assert [item for _, item in played.emitted] == [b"first", b"second", StreamMark.END]


def test_slow_close_delays_the_end_alone() -> None:
    played = Played(SlowCloseToxic(delay_ms=30))
    played.put(b"x", 1)
    played.put(StreamMark.END, 2)
    assert played.end() == [(1, b"x"), (32, StreamMark.END)]


def test_a_timeout_swallows_bytes_and_closes_once_nothing_came() -> None:
    played = Played(TimeoutToxic(timeout_ms=100))
    played.put(b"swallowed", 60)
    assert played.end() == [(160, StreamMark.CLOSE)]
    assert played.line.dropped_bytes == 9


def test_a_timeout_without_time_never_closes_but_passes_the_end() -> None:
    played = Played(TimeoutToxic(timeout_ms=0))
    played.put(b"swallowed", 1)
    played.go_to(3600 * SECOND)
    assert played.emitted == []
    assert played.line.next_ns == NEVER_NS
    played.put(StreamMark.END)
    assert [item for _, item in played.emitted] == [StreamMark.END]


def test_removing_a_timeout_closes_but_not_twice() -> None:
    played = Played(TimeoutToxic())
    played.put(b"x", 1)
    played.set_toxics()
    assert [item for _, item in played.emitted] == [StreamMark.CLOSE]
    ended = Played(TimeoutToxic(timeout_ms=5))
    ended.go_to(10 * MS)
    ended.set_toxics()
    assert [item for _, item in ended.emitted] == [StreamMark.CLOSE]


def test_a_reset_comes_so_long_after_the_first_bytes_or_the_end() -> None:
    for first in (b"x", StreamMark.END):
        played = Played(ResetPeerToxic(timeout_ms=40))
        played.put(first, 10)
        if first is not StreamMark.END:
            played.put(b"more", 20)
        assert played.end() == [(50, StreamMark.RESET)]


def test_a_limit_passes_so_much_and_closes() -> None:
    played = Played(LimitDataToxic(limit_bytes=5))
    for chunk in (b"abc", b"defg", b"h"):
        played.put(chunk)
    assert [item for _, item in played.emitted] == [b"abc", b"de", StreamMark.CLOSE]
    assert played.line.dropped_bytes == 3


def test_a_changed_limit_counts_what_passed_before() -> None:
    played = Played(LimitDataToxic(limit_bytes=100))
    played.put(b"12345")
    played.set_toxics(LimitDataToxic(limit_bytes=7))
    played.put(b"6789")
    assert played.data == b"1234567"


def test_a_limit_that_is_raised_opens_nothing_that_was_closed() -> None:
    played = Played(LimitDataToxic(limit_bytes=3))
    played.put(b"abcdef")
    played.set_toxics(LimitDataToxic(limit_bytes=100))
    played.put(b"ghi")
    assert [item for _, item in played.emitted] == [b"abc", StreamMark.CLOSE]


@calm
@given(st.binary(max_size=400), st.integers(1, 50), st.integers(0, 49), st.integers(0, 500), st.integers(0, 9))
def test_slices_are_of_the_size_asked_and_pause_after_each(
    data: bytes, average: int, variation: int, delay_us: int, seed: int
) -> None:
    variation = min(variation, average - 1)
    toxic = SlicerToxic(average_size_bytes=average, size_variation_bytes=variation, delay_us=delay_us)
    played = Played(toxic, seed=seed)
    played.put(data)
    emitted = played.end()
    assert played.data == data
    assert all(0 < len(item) <= average + variation for _, item in emitted if isinstance(item, bytes) and data)
    assert [at for at, _ in emitted] == [n * delay_us / 1000 for n in range(len(emitted))]


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    def drawn(seed: int) -> list[tuple[float, StreamItem]]:
        played = Played(
            LatencyToxic(latency_ms=9, jitter_ms=9),
            SlicerToxic(average_size_bytes=10, size_variation_bytes=9),
            seed=seed,
        )
        for n in range(20):
            played.put(b"x" * 37, n)
        return played.end()

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_removed_toxics_let_go_at_once_in_order_and_others_are_not_disturbed() -> None:
    slow = LatencyToxic(latency_ms=100)
    played = Played(slow, LatencyToxic(name="slower", latency_ms=1000))
    played.put(b"1", 0)
    played.put(b"2", 50)
    played.go_to(120 * MS)  # the first waits in the second toxic, the second in the first
    played.set_toxics(slow)
    assert [item for _, item in played.emitted] == [b"1"]
    assert played.end() == [(120, b"1"), (150, b"2")]


def test_a_changed_latency_counts_from_the_arrival_of_what_is_held() -> None:
    played = Played(LatencyToxic(latency_ms=1000))
    played.put(b"x", 0)
    played.go_to(10 * MS)
    played.set_toxics(LatencyToxic(latency_ms=30))
    assert played.end() == [(30, b"x")]


def test_a_changed_bandwidth_paces_what_is_held_from_now_on() -> None:
    played = Played(BandwidthToxic(rate_kb_per_s=0))
    played.put(b"x" * 100, 0)
    played.go_to(50 * MS)
    played.set_toxics(BandwidthToxic(rate_kb_per_s=10))
    assert played.end()[-1][0] == 60


def test_when_the_order_is_changed_no_byte_overtakes_another() -> None:
    first, second = LatencyToxic(name="a", latency_ms=10), LatencyToxic(name="b", latency_ms=100)
    played = Played(first, second)
    played.put(b"1", 0)
    played.put(b"2", 15)
    played.go_to(20 * MS)
    played.set_toxics(second, first)
    played.put(b"3")
    played.end()
    assert played.data == b"123"


def test_a_toxic_of_another_kind_under_the_same_name_is_another() -> None:
    played = Played(TimeoutToxic(name="x"))
    played.set_toxics(LatencyToxic(name="x", latency_ms=5))
    assert [item for _, item in played.emitted] == [StreamMark.CLOSE]


def test_nothing_follows_a_mark() -> None:
    played = Played(LimitDataToxic(limit_bytes=1), SlowCloseToxic(delay_ms=50))
    played.put(b"abc", 0)
    played.put(b"def", 1)
    played.put(StreamMark.END, 2)
    assert played.end() == [(0, b"a"), (50, StreamMark.CLOSE)]


def test_full_and_slack_say_when_a_sender_is_to_wait() -> None:
    played = Played(BandwidthToxic(rate_kb_per_s=1))
    assert played.line.slack
    assert not played.line.full
    played.put(b"x" * 70_000)
    assert played.line.full
    played.go_to(5 * SECOND)
    assert not played.line.full
    assert not played.line.slack
    played.go_to(40 * SECOND)
    assert played.line.slack


def _toxics() -> st.SearchStrategy[Toxic]:
    """Those that lose nothing."""
    numbers: Any = st.integers(0, 40)
    return st.one_of(
        st.builds(LatencyToxic, name=st.sampled_from("ab"), latency_ms=numbers, jitter_ms=numbers),
        st.builds(BandwidthToxic, name=st.sampled_from("cd"), rate_kb_per_s=numbers),
        st.builds(SlicerToxic, name=st.sampled_from("ef"), average_size_bytes=st.integers(1, 20), delay_us=numbers),
        st.builds(SlowCloseToxic, delay_ms=numbers),
        st.builds(NoopToxic),
    )


@calm
@given(
    st.lists(
        st.one_of(
            st.binary(min_size=1, max_size=60),
            st.integers(0, 60),
            st.lists(_toxics(), max_size=4, unique_by=lambda toxic: toxic.name),
        ),
        max_size=30,
    ),
    st.integers(0, 99),
)
def test_whatever_comes_and_goes_bytes_stay_the_same_and_in_order(steps: list[Any], seed: int) -> None:
    played = Played(seed=seed)
    sent = b""
    for step in steps:
        if isinstance(step, bytes):
            sent += step
            played.put(step)
        elif isinstance(step, int):
            played.go_to(played.now_ns + step * MS)
        else:
            played.set_toxics(*step)
    played.put(StreamMark.END)
    played.go_to(played.now_ns + MS)
    played.set_toxics()
    assert played.data == sent
    assert [item for _, item in played.emitted][-1] is StreamMark.END
    assert [at for at, _ in played.emitted] == sorted(at for at, _ in played.emitted)
    assert played.line.dropped_bytes == 0
    assert played.line.slack
