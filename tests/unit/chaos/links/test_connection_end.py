"""One end of a connection: when it reads, with a transport that only says so."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ackord.chaos.links.connection_end import ConnectionEnd


class Pipe:
    """Writes down what arrived."""

    finished = False

    def __init__(self) -> None:
        self.arrived = 0

    def put(self, data: bytes) -> None:
        self.arrived += len(data)

    def put_end(self) -> None:
        pass

    def set_blocked(self, blocked: bool) -> None:
        pass

    def target_lost(self) -> None:
        pass


class Ended:
    """An end, whether its transport reads, and the calls of the loop's next round."""

    def __init__(self) -> None:
        self.reading = True
        self.soon: list[Callable[[], object]] = []
        loop: Any = SimpleNamespace(call_soon=self.soon.append)
        connection: Any = SimpleNamespace(torn=False, lost=lambda: None)
        self.end = ConnectionEnd(connection, loop, lambda: None)
        self.end.pipe = self.end.feeder = Pipe()
        transport: Any = SimpleNamespace(
            set_write_buffer_limits=lambda high: None,
            is_closing=lambda: False,
            is_reading=lambda: self.reading,
            pause_reading=lambda: setattr(self, "reading", False),
            resume_reading=lambda: setattr(self, "reading", True),
        )
        self.end.connection_made(transport)

    def round(self) -> None:
        soon, self.soon[:] = list(self.soon), []
        for call in soon:
            call()


def test_a_large_read_is_a_turn_in_a_round_of_the_loop() -> None:
    """So that bulk transfers do not keep others waiting, among them Toxiproxy's interface."""
    ended = Ended()
    for _ in range(3):
        ended.end.data_received(b"x" * 256_000)
        assert not ended.reading
        ended.round()
        assert ended.reading


def test_a_small_read_is_followed_by_the_next_at_once() -> None:
    ended = Ended()
    ended.end.data_received(b"x" * 65_536)
    assert ended.reading
    assert not ended.soon


def test_a_full_pipe_is_not_read_into_in_the_next_round_either() -> None:
    ended = Ended()
    ended.end.data_received(b"x" * 256_000)
    ended.end.set_reading(False)
    ended.round()
    assert not ended.reading
    ended.end.set_reading(True)
    assert ended.reading


def test_room_in_the_pipe_does_not_shorten_the_turn_of_others() -> None:
    ended = Ended()
    ended.end.data_received(b"x" * 256_000)
    ended.end.set_reading(True)
    assert not ended.reading
    ended.round()
    assert ended.reading
