"""Links with real sockets: bytes later, slower, or held, and never lost or reordered."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ackord.chaos.chaos_process import ChaosProcess, LinkStats
from ackord.chaos.links.kinds import BandwidthToxic, DownToxic, LatencyToxic, SlowCloseToxic
from ackord.chaos.links.kinds.base import STREAMS
from ackord.chaos.links.pipe import HIGH_WATER_BYTES
from ackord.core.clock import MS
from ackord.errors import EnvironmentFailed
from ackord.host.run_dir import RunDir

from .peers import PATIENCE_S, eventually

_names = (f"link-{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def chaos() -> Iterator[ChaosProcess]:
    with RunDir.create() as run:
        chaos = ChaosProcess.start(run)
        yield chaos
        chaos.stop()
        assert (run.path / "chaos.log").read_text() == "", "nothing was raised where nobody looks"


class Pair:
    """Two ends of one connection through a link: ``client`` connected to the link, ``server`` is behind it."""

    def __init__(self, chaos: ChaosProcess) -> None:
        self.chaos = chaos
        self.name = next(_names)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_S)
        self.port = chaos.open_link(self.name, self._listener.getsockname()[:2])
        self.client = self.connect()
        self.server = self.accept()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)

    def accept(self) -> socket.socket:
        accepted, _ = self._listener.accept()
        accepted.settimeout(PATIENCE_S)
        return accepted

    def stats(self) -> LinkStats:
        return self.chaos.link_stats(self.name)

    def close(self) -> None:
        for each in (self.client, self.server, self._listener):
            each.close()
        self.chaos.close_link(self.name)


@pytest.fixture
def pair(chaos: ChaosProcess) -> Iterator[Pair]:
    pair = Pair(chaos)
    yield pair
    pair.close()


def exactly(end: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = end.recv(min(size - len(data), 1 << 16))
        assert piece, f"the connection ended after {len(data)} of {size} bytes"
        data += piece
    return data


def ask(sender: socket.socket, receiver: socket.socket) -> int:
    """Nanoseconds that one message takes."""
    began_ns = time.monotonic_ns()
    sender.sendall(b"ping")
    assert exactly(receiver, 4) == b"ping"
    return time.monotonic_ns() - began_ns


def is_silent(end: socket.socket) -> bool:
    end.settimeout(0.05)
    try:
        end.recv(1)
    except TimeoutError:
        return True
    finally:
        end.settimeout(PATIENCE_S)
    return False


def test_bytes_pass_both_ways_and_are_counted(pair: Pair) -> None:
    ask(pair.client, pair.server)
    pair.server.sendall(b"x" * 1000)
    assert exactly(pair.client, 1000) == b"x" * 1000
    assert pair.stats() == LinkStats(1000, 4, 1, 1, 0)


@pytest.mark.parametrize("direction", ["downstream", "upstream", "both"])
def test_latency_is_added_in_its_direction(pair: Pair, direction: str) -> None:
    streams = STREAMS if direction == "both" else (direction,)
    pair.chaos.set_toxics(pair.name, [LatencyToxic(stream=stream, latency_ms=40) for stream in streams])
    down_ns, up_ns = ask(pair.server, pair.client), ask(pair.client, pair.server)
    if direction != "upstream":
        assert down_ns >= 40 * MS
    if direction != "downstream":
        assert up_ns >= 40 * MS
    assert pair.stats().delayed_chunks == (2 if direction == "both" else 1)


def test_latency_does_not_add_up_over_chunks(pair: Pair) -> None:
    """A hundred chunks under 100 ms each: one after the other they would take ten seconds."""
    pair.chaos.set_toxics(pair.name, [LatencyToxic(latency_ms=100)])
    pair.server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    began_ns = time.monotonic_ns()
    for _ in range(100):
        pair.server.sendall(b"chunk")
        os.sched_yield()
    assert exactly(pair.client, 500) == b"chunk" * 100
    assert 100 * MS <= time.monotonic_ns() - began_ns < 5000 * MS


def test_healing_lets_go_what_was_held_at_once_and_in_order(pair: Pair) -> None:
    pair.chaos.set_toxics(pair.name, [LatencyToxic(latency_ms=3_600_000)])
    pair.server.sendall(b"first")
    eventually(lambda: pair.stats().delayed_chunks == 1)
    assert is_silent(pair.client)
    pair.chaos.set_toxics(pair.name, [])
    pair.server.sendall(b"second")
    assert exactly(pair.client, 11) == b"firstsecond"
    ask(pair.server, pair.client)
    assert pair.stats().delayed_chunks == 1


def test_random_bytes_arrive_as_they_were_whatever_the_shape_does(pair: Pair) -> None:
    rng = random.Random(7)
    sent = rng.randbytes(3_000_000)

    def send() -> None:
        at = 0
        while at < len(sent):
            size = rng.randint(1, 60_000)
            pair.server.sendall(sent[at : at + size])
            at += size

    sender = threading.Thread(target=send)
    pair.chaos.set_toxics(pair.name, [LatencyToxic(latency_ms=5, jitter_ms=5)], seed=3)
    sender.start()
    got = exactly(pair.client, 1_000_000)
    pair.chaos.set_toxics(pair.name, [LatencyToxic(latency_ms=1), BandwidthToxic(rate_kb_per_s=20_480)])
    got += exactly(pair.client, 1_000_000)
    pair.chaos.set_cut(pair.name, True)
    pair.chaos.set_cut(pair.name, False)
    got += exactly(pair.client, 1_000_000)
    sender.join()
    assert got == sent


def test_bandwidth_holds(pair: Pair) -> None:
    pair.chaos.set_toxics(pair.name, [BandwidthToxic(rate_kb_per_s=1024)])
    began_ns = time.monotonic_ns()
    pair.server.sendall(b"x" * 300 * 1024)
    exactly(pair.client, 300 * 1024)
    assert time.monotonic_ns() - began_ns >= 299 * MS


def test_a_cut_holds_bytes_and_the_end_of_connections_and_mending_loses_nothing(pair: Pair) -> None:
    pair.chaos.set_cut(pair.name, True)
    pair.server.sendall(b"held down")
    pair.client.sendall(b"held up")
    pair.server.shutdown(socket.SHUT_WR)
    assert is_silent(pair.client)
    assert is_silent(pair.server)
    pair.chaos.set_cut(pair.name, False)
    assert exactly(pair.client, 9) == b"held down"
    assert pair.client.recv(1) == b""
    assert exactly(pair.server, 7) == b"held up"
    pair.client.sendall(b"still")
    assert exactly(pair.server, 5) == b"still", "one direction ended, the other goes on"


def test_a_connection_made_while_the_link_is_cut_waits(pair: Pair) -> None:
    pair.chaos.set_cut(pair.name, True)
    late = pair.connect()
    late.sendall(b"hello")
    pair._listener.settimeout(0.05)
    with pytest.raises(TimeoutError):
        pair.accept()
    pair._listener.settimeout(PATIENCE_S)
    pair.chaos.set_cut(pair.name, False)
    accepted = pair.accept()
    assert exactly(accepted, 5) == b"hello"
    late.close()
    assert accepted.recv(1) == b""
    accepted.close()


def test_a_cut_link_holds_so_much_and_then_the_sender_waits(pair: Pair) -> None:
    pair.chaos.set_cut(pair.name, True)
    pair.server.setblocking(False)
    sent = 0
    piece = b"y" * 65_536
    most = HIGH_WATER_BYTES + (32 << 20)  # what is above the mark are the kernel's buffers
    # Until nobody took anything for a fifth of a second.
    while sent < most and select.select([], [pair.server], [], 0.2)[1]:
        with contextlib.suppress(BlockingIOError):
            sent += pair.server.send(piece)
    assert HIGH_WATER_BYTES <= sent < most
    pair.server.settimeout(PATIENCE_S)
    pair.chaos.set_cut(pair.name, False)
    assert exactly(pair.client, sent).count(b"y") == sent


def test_the_end_of_either_side_reaches_the_other_after_the_last_byte(pair: Pair) -> None:
    pair.chaos.set_toxics(pair.name, [LatencyToxic(stream=stream, latency_ms=20) for stream in STREAMS])
    pair.client.sendall(b"last words")
    pair.client.close()
    assert exactly(pair.server, 10) == b"last words"
    assert pair.server.recv(1) == b""
    pair.server.close()
    eventually(lambda: pair.stats().connections == 0)


def test_a_server_that_is_not_there_ends_the_connection(chaos: ChaosProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()[:2]
    name = next(_names)
    port = chaos.open_link(name, address)
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as client, contextlib.suppress(ConnectionResetError):
        assert client.recv(1) == b""
    eventually(lambda: chaos.link_stats(name).connections == 0)
    chaos.close_link(name)


def test_what_makes_no_sense_is_refused(pair: Pair) -> None:
    with pytest.raises(EnvironmentFailed, match='called "twice"'):
        pair.chaos.set_toxics(pair.name, [LatencyToxic(name="twice"), SlowCloseToxic(name="twice")])
    with pytest.raises(EnvironmentFailed, match="no link is called"):
        pair.chaos.set_toxics("elsewhere", [])
    with pytest.raises(EnvironmentFailed, match="open already"):
        pair.chaos.open_link(pair.name, ("127.0.0.1", 1))


def test_the_port_of_a_link_that_is_down_is_not_handed_out(chaos: ChaosProcess) -> None:
    name = next(_names)
    port = chaos.open_link(name, ("127.0.0.1", 9))
    chaos.set_toxics(name, [DownToxic()])
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    chaos.close_link(name)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))


def test_down_and_up_from_many_threads_ends_as_the_last_one_said(pair: Pair) -> None:
    with ThreadPoolExecutor(8) as pool:
        for n in range(40):
            pool.submit(pair.chaos.set_toxics, pair.name, [DownToxic()] if n % 2 else [])
    pair.chaos.set_toxics(pair.name, [])
    again = pair.connect()
    ask(again, pair.accept())
    again.close()


def test_many_connections_through_one_link(chaos: ChaosProcess) -> None:
    async def run() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(1000):
                writer.write(data)
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        name = next(_names)
        port = await asyncio.to_thread(chaos.open_link, name, server.sockets[0].getsockname()[:2])
        await asyncio.to_thread(
            lambda: chaos.set_toxics(name, [LatencyToxic(stream=s, latency_ms=3, jitter_ms=2) for s in STREAMS])
        )

        async def talk(number: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for turn in range(5):
                word = f"{number}:{turn};".encode()
                writer.write(word)
                assert await reader.readexactly(len(word)) == word
            writer.close()

        await asyncio.gather(*[talk(number) for number in range(40)])
        server.close()
        stats = await asyncio.to_thread(chaos.link_stats, name)
        assert stats.accepted == 40
        assert stats.upstream_bytes == stats.downstream_bytes
        await asyncio.to_thread(chaos.close_link, name)

    asyncio.run(asyncio.wait_for(run(), PATIENCE_S))
