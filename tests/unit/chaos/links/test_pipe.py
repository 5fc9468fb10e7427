"""A connection through a link, with transports that only write down what they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from ackord.chaos.links.kinds import LatencyToxic, LimitDataToxic, SlicerToxic, TimeoutToxic
from ackord.chaos.links.kinds.base import Toxic
from ackord.chaos.links.pipe import Connection
from ackord.core.seed import Seed


class Transport:
    """Takes everything at once and writes it down."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.closing = False
        self.reading = True

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def write_eof(self) -> None:
        self.told.append("eof")

    def close(self) -> None:
        self.told.append("close")
        self.closing = True

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return self.closing

    def is_reading(self) -> bool:
        return self.reading

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def set_write_buffer_limits(self, high: int) -> None:
        pass


class Owner:
    """A link without a port, a clock that stands still, and a loop whose next round the test begins."""

    name = "link"
    cut = False
    seed = Seed(1)

    def __init__(self, *toxics: Toxic) -> None:
        self.toxics = toxics
        self.soon: list[Callable[[], object]] = []
        self.alarms: list[tuple[int, Callable[[], object]]] = []
        self.timer: Any = SimpleNamespace(
            loop=SimpleNamespace(call_soon=self.soon.append),
            call_at=lambda at_ns, call: self.alarms.append((at_ns, call)),
        )
        self.now = 0
        self.closed = 0
        self.connection = Connection(self, 1, lambda connection: None, lambda connection: None)
        self.near, self.far = Transport(), Transport()
        self.connection.near.connection_made(cast("Any", self.near))
        self.connection.far.connection_made(cast("Any", self.far))

    def now_ns(self) -> int:
        return self.now

    def toxics_of(self, stream: str, connection: int) -> Sequence[Toxic]:
        return [toxic for toxic in self.toxics if toxic.stream == stream]

    def received(self, stream: str, size_bytes: int) -> None:
        pass

    def passed(self, stream: str, size_bytes: int) -> None:
        pass

    def held_back(self, delayed_chunks: int, dropped_bytes: int) -> None:
        pass

    def closed_by_toxic(self) -> None:
        self.closed += 1

    def round(self) -> None:
        soon, self.soon[:] = list(self.soon), []
        for call in soon:
            call()


def test_without_toxics_a_chunk_is_written_as_it_came() -> None:
    owner = Owner()
    chunk = b"as it came"
    owner.connection.far.data_received(chunk)
    assert owner.near.told[0] is chunk
    owner.connection.near.eof_received()
    assert owner.far.told == ["eof"]
    owner.connection.far.data_received(b"the other half goes on")
    owner.connection.far.eof_received()
    assert owner.near.told == [chunk, b"the other half goes on", "close"]
    assert owner.far.told == ["eof", "close"]


def test_each_slice_is_written_in_a_round_of_the_loop_of_its_own() -> None:
    owner = Owner(SlicerToxic(average_size_bytes=2))
    owner.connection.far.data_received(b"12345678")
    assert owner.near.told == [b"12"]
    owner.round()
    assert owner.near.told == [b"12", b"34"]
    owner.round()
    owner.round()
    owner.round()
    assert owner.near.told == [b"12", b"34", b"56", b"78"]
    assert owner.soon == []


def test_what_is_held_is_written_when_its_time_came_and_not_before() -> None:
    owner = Owner(LatencyToxic(latency_ms=2))
    owner.connection.far.data_received(b"later")
    assert owner.near.told == []
    (at_ns, wake) = owner.alarms.pop()
    assert at_ns == 2_000_000
    owner.now = at_ns
    wake()
    assert owner.near.told == [b"later"]


def test_nothing_is_written_while_the_receiver_does_not_keep_up() -> None:
    owner = Owner(LatencyToxic(latency_ms=0))
    owner.connection.near.pause_writing()
    owner.connection.far.data_received(b"waits")
    owner.connection.far.eof_received()
    assert owner.near.told == []
    owner.connection.near.resume_writing()
    assert owner.near.told == [b"waits", "eof"]


def test_a_toxic_closes_in_order_and_the_other_end_follows() -> None:
    owner = Owner(LimitDataToxic(limit_bytes=3))
    owner.connection.far.data_received(b"12345")
    assert owner.near.told == [b"123", "close"]
    assert owner.closed == 1
    owner.connection.near.connection_lost(None)
    assert owner.far.told[-1] == "close"


def test_what_is_held_for_somebody_who_is_gone_is_dropped() -> None:
    owner = Owner(LatencyToxic(latency_ms=1000), TimeoutToxic(stream="upstream"))
    owner.connection.far.data_received(b"nobody reads this")
    owner.near.closing = True
    owner.connection.near.connection_lost(None)
    owner.connection.far.data_received(b"nor this")
    assert owner.near.told == []
    assert set(owner.far.told) == {"close"}


def test_a_sender_waits_while_a_narrow_toxic_is_full() -> None:
    owner = Owner(LatencyToxic(latency_ms=1000))
    owner.connection.far.data_received(b"x" * (33 << 20))
    owner.round()
    assert not owner.far.reading
    owner.toxics = ()
    owner.connection.refresh()
    assert owner.far.reading
    assert sum(map(len, owner.near.told)) == 33 << 20


def test_latency_holds_as_much_as_toxiproxy_so_that_it_is_no_limit_of_the_bandwidth() -> None:
    """1,024 chunks of 32 KiB: at 100 ms that is some 330 MB a second."""
    owner = Owner(LatencyToxic(latency_ms=100))
    for _ in range(31):
        owner.connection.far.data_received(b"x" * (1 << 20))
        owner.round()
    assert owner.far.reading
