"""Every toxic on both engines, ours also behind its interface, between the same client and server: what arrives, not
before when, how the connection ends, and that it heals.

Times have lower bounds only: a loaded machine makes everything later, never earlier.
"""

from __future__ import annotations

import socket
import statistics
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.links.kinds import (
    BandwidthToxic,
    DownToxic,
    LatencyToxic,
    LimitDataToxic,
    NoopToxic,
    ResetPeerToxic,
    SlicerToxic,
    SlowCloseToxic,
    TimeoutToxic,
)
from ackord.chaos.links.kinds.base import Toxic
from ackord.chaos.links.link_engine import LinkEngine
from ackord.chaos.toxiproxy.embedded_engine import EmbeddedEngine
from ackord.chaos.toxiproxy.toxiproxy_client import ToxiproxyClient
from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine
from ackord.core.clock import MS
from ackord.errors import EnvironmentFailed, UnknownNameError, UsageError
from ackord.host.run_dir import RunDir

from .peers import PATIENCE_S
from .toxiproxy_server import embedded_server, toxiproxy_server

FIN, RST, SILENT = "FIN", "RST", "silent"
PAYLOAD = bytes(range(256)) * 8


@pytest.fixture(scope="module")
def run() -> Iterator[RunDir]:
    with RunDir.create() as run:
        yield run


@pytest.fixture(scope="module")
def embedded(run: RunDir) -> Iterator[LinkEngine]:
    chaos = ChaosProcess.start(run)
    engine = EmbeddedEngine(chaos, seed=5)
    yield engine
    engine.stop()
    chaos.stop()
    assert (run.path / "chaos.log").read_text() == "", "nothing was raised where nobody looks"


@pytest.fixture(scope="module")
def toxiproxy(run: RunDir) -> Iterator[LinkEngine]:
    engine = ToxiproxyEngine.start(run, toxiproxy_server())
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def served(run: RunDir) -> Iterator[LinkEngine]:
    """The embedded engine again, behind its interface and driven as the real server is."""
    with embedded_server() as url:
        engine = ToxiproxyEngine.connect(url, run)
        yield engine
        engine.stop()


@pytest.fixture(params=["embedded", "toxiproxy", "served"])
def engine(request: pytest.FixtureRequest) -> LinkEngine:
    engine: LinkEngine = request.getfixturevalue(request.param)
    return engine


class Wire:
    """A server behind a link, and connections to it as pairs of sockets."""

    def __init__(self, engine: LinkEngine, name: str) -> None:
        self.engine = engine
        self.name = name
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_S)
        self.address = engine.open_link(name, *self._listener.getsockname()[:2])
        self._open: list[socket.socket] = [self._listener]

    def toxics(self, *toxics: Toxic) -> None:
        self.engine.set_toxics(self.name, toxics)

    def connect(self) -> tuple[socket.socket, socket.socket]:
        """The client's end and the server's."""
        client = socket.create_connection(self.address, PATIENCE_S)
        server, _ = self._listener.accept()
        server.settimeout(PATIENCE_S)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open += [client, server]
        return client, server

    def close(self) -> None:
        for each in self._open:
            each.close()
        self.engine.close_link(self.name)


@contextmanager
def wired(engine: LinkEngine, name: str = "wire") -> Iterator[Wire]:
    wire = Wire(engine, name)
    try:
        yield wire
    finally:
        wire.close()


@pytest.fixture
def wire(engine: LinkEngine) -> Iterator[Wire]:
    with wired(engine) as wire:
        yield wire


def exactly(end: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = end.recv(size - len(data))
        assert piece, f"the connection ended after {len(data)} of {size} bytes"
        data += piece
    return data


def rest(end: socket.socket, quiet_s: float) -> tuple[bytes, str]:
    """What still arrives until the connection ends, or nothing came for so long; and which of these it was."""
    data = b""
    end.settimeout(quiet_s)
    try:
        while piece := end.recv(65536):
            data += piece
    except ConnectionResetError:
        return data, RST
    except TimeoutError:
        return data, SILENT
    finally:
        end.settimeout(PATIENCE_S)
    return data, FIN


def ping_ns(sender: socket.socket, receiver: socket.socket) -> int:
    began_ns = time.monotonic_ns()
    sender.sendall(b"ping")
    assert exactly(receiver, 4) == b"ping"
    return time.monotonic_ns() - began_ns


def is_toxiproxy(wire: Wire) -> bool:
    """Whether the real server is at work."""
    return wire.engine.description == "Toxiproxy 2.12.0"


def heals(wire: Wire) -> None:
    """Without toxics bytes pass as if there had never been one."""
    wire.toxics()
    client, server = wire.connect()
    client.sendall(PAYLOAD)
    assert exactly(server, len(PAYLOAD)) == PAYLOAD
    server.sendall(PAYLOAD)
    assert exactly(client, len(PAYLOAD)) == PAYLOAD
    server.close()
    assert rest(client, PATIENCE_S) == (b"", FIN)


@dataclass(frozen=True)
class Case:
    """The server sends the payload through a toxic on a connection that was made under it."""

    toxic: Toxic
    arrives: bytes
    client_ends: str
    server_ends: str
    least_ms: float = 0.0
    """Until the client has everything and knows how it ended."""
    server_closes: bool = False


SILENCE_S = 0.3
CASES = {
    "noop": Case(NoopToxic(), PAYLOAD, SILENT, SILENT),
    "latency": Case(LatencyToxic(latency_ms=60), PAYLOAD, SILENT, SILENT, 60),
    "latency, then the end": Case(LatencyToxic(latency_ms=60), PAYLOAD, FIN, SILENT, 60, server_closes=True),
    "jitter": Case(LatencyToxic(latency_ms=60, jitter_ms=20), PAYLOAD, SILENT, SILENT, 39),
    "bandwidth": Case(BandwidthToxic(rate_kb_per_s=10), PAYLOAD, SILENT, SILENT, 190),
    "no bandwidth": Case(BandwidthToxic(rate_kb_per_s=0), b"", SILENT, SILENT),
    "slow_close": Case(SlowCloseToxic(delay_ms=150), PAYLOAD, FIN, SILENT, 150, server_closes=True),
    "slow_close, open": Case(SlowCloseToxic(delay_ms=150), PAYLOAD, SILENT, SILENT),
    "timeout": Case(TimeoutToxic(timeout_ms=150), b"", FIN, FIN, 149),
    "timeout never": Case(TimeoutToxic(timeout_ms=0), b"", SILENT, SILENT),
    "timeout, then the end": Case(TimeoutToxic(timeout_ms=0), b"", FIN, SILENT, server_closes=True),
    "reset_peer": Case(ResetPeerToxic(timeout_ms=0), b"", RST, RST),
    "reset_peer later": Case(ResetPeerToxic(timeout_ms=120), b"", RST, RST, 120),
    "slicer": Case(SlicerToxic(average_size_bytes=128, delay_us=3000), PAYLOAD, SILENT, SILENT, 45),
    "slicer with variation": Case(
        SlicerToxic(average_size_bytes=128, size_variation_bytes=32), PAYLOAD, SILENT, SILENT
    ),
    "limit_data": Case(LimitDataToxic(limit_bytes=1000), PAYLOAD[:1000], FIN, FIN),
    "limit_data to the byte": Case(LimitDataToxic(limit_bytes=len(PAYLOAD)), PAYLOAD, FIN, FIN),
    "limit_data above": Case(LimitDataToxic(limit_bytes=len(PAYLOAD) + 1), PAYLOAD, SILENT, SILENT),
    "limit_data nothing": Case(LimitDataToxic(limit_bytes=0), b"", FIN, FIN),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_toxic_does_what_it_says(wire: Wire, case: Case) -> None:
    wire.toxics(case.toxic)
    client, server = wire.connect()
    began_ns = time.monotonic_ns()
    server.sendall(PAYLOAD)
    if case.server_closes:
        server.shutdown(socket.SHUT_WR)
    if case.client_ends is SILENT:
        arrived = exactly(client, len(case.arrives))
        took_ns = time.monotonic_ns() - began_ns
        more, ended = rest(client, SILENCE_S)
        arrived += more
    else:
        arrived, ended = rest(client, PATIENCE_S)
        took_ns = time.monotonic_ns() - began_ns
    assert arrived == case.arrives
    assert ended == case.client_ends
    assert took_ns >= case.least_ms * MS
    if case.client_ends is not FIN or case.server_ends is not SILENT:
        quiet_s = SILENCE_S if case.server_ends is SILENT else PATIENCE_S
        assert rest(server, quiet_s)[1] == case.server_ends
    heals(wire)


@pytest.mark.parametrize("stream", ["downstream", "upstream"])
def test_a_stream_is_one_way(wire: Wire, stream: str) -> None:
    wire.toxics(LatencyToxic(stream=stream, latency_ms=70), LimitDataToxic(stream=stream, limit_bytes=12))
    client, server = wire.connect()
    sick, sound = (server, client) if stream == "downstream" else (client, server)
    for _ in range(10):
        ping_ns(sound, sick)
    assert ping_ns(sick, sound) >= 70 * MS
    ping_ns(sick, sound)
    sick.sendall(b"x" * 10)
    assert rest(sound, PATIENCE_S) == (b"xxxx", FIN), "the limit counts this stream only"


def test_latency_is_the_same_on_both_engines(embedded: LinkEngine, toxiproxy: LinkEngine) -> None:
    """Side by side, in turns: nothing earlier than injected on either, and what is injected more
    takes more on either.
    """
    medians: dict[tuple[str, int], float] = {}
    with wired(embedded) as ours, wired(toxiproxy) as theirs:
        pairs = {"embedded": (ours, *ours.connect()), "toxiproxy": (theirs, *theirs.connect())}
        for latency_ms in (0, 15, 60):
            took: dict[str, list[int]] = {name: [] for name in pairs}
            for wire, _, _ in pairs.values():
                wire.toxics(LatencyToxic(latency_ms=latency_ms))
            for _ in range(15):
                for name, (_, client, server) in pairs.items():
                    took[name].append(ping_ns(server, client))
            for name, values in took.items():
                assert min(values) >= latency_ms * MS
                medians[name, latency_ms] = statistics.median(values)
    for name in pairs:
        assert medians[name, 0] < medians[name, 15] < medians[name, 60]
    for latency_ms in (15, 60):
        assert abs(medians["embedded", latency_ms] - medians["toxiproxy", latency_ms]) < 200 * MS


def test_jitter_goes_either_way(wire: Wire) -> None:
    wire.toxics(LatencyToxic(latency_ms=30, jitter_ms=25))
    client, server = wire.connect()
    took = [ping_ns(server, client) for _ in range(40)]
    assert min(took) >= 5 * MS
    assert min(took) < 30 * MS, "some are earlier than the latency"
    assert max(took) > 30 * MS


def test_slices_travel_one_by_one_even_without_a_pause(wire: Wire) -> None:
    """Counted in the segments that the kernel received, since a reader may find several of them joined."""
    wire.toxics(SlicerToxic(average_size_bytes=128))
    client, server = wire.connect()
    server.sendall(PAYLOAD)
    assert exactly(client, len(PAYLOAD)) == PAYLOAD
    (data_segments,) = struct.unpack_from("I", client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160), 152)
    assert data_segments >= len(PAYLOAD) // 128


def test_toxics_add_up_in_their_order(wire: Wire) -> None:
    wire.toxics(
        LatencyToxic(latency_ms=50),
        SlicerToxic(average_size_bytes=64),
        LatencyToxic(name="more", latency_ms=40),
        SlowCloseToxic(delay_ms=30),
    )
    client, server = wire.connect()
    began_ns = time.monotonic_ns()
    server.sendall(PAYLOAD)
    assert exactly(client, len(PAYLOAD)) == PAYLOAD
    assert time.monotonic_ns() - began_ns >= 90 * MS
    server.close()
    assert rest(client, PATIENCE_S) == (b"", FIN)


def test_a_toxic_meets_connections_that_are_there_and_leaves_them(wire: Wire) -> None:
    client, server = wire.connect()
    ping_ns(server, client)
    wire.toxics(LatencyToxic(latency_ms=60))
    assert ping_ns(server, client) >= 60 * MS
    wire.toxics(LatencyToxic(latency_ms=110))
    assert ping_ns(server, client) >= 110 * MS
    wire.toxics(BandwidthToxic(rate_kb_per_s=1))
    server.sendall(b"x" * 100)
    began_ns = time.monotonic_ns()
    exactly(client, 100)
    assert time.monotonic_ns() - began_ns >= 80 * MS
    wire.toxics()
    assert min(ping_ns(server, client) for _ in range(10)) < 60 * MS, "it was taken back"


def test_what_a_removed_toxic_held_leaves_at_once(wire: Wire) -> None:
    client, server = wire.connect()
    wire.toxics(LatencyToxic(latency_ms=3_600_000))
    server.sendall(b"held back ")
    assert rest(client, SILENCE_S) == (b"", SILENT)
    wire.toxics()
    server.sendall(b"and what came later")
    assert exactly(client, 29) == b"held back and what came later"


def test_removing_a_timeout_ends_the_connections_whose_bytes_it_dropped(wire: Wire) -> None:
    client, server = wire.connect()
    wire.toxics(TimeoutToxic(timeout_ms=0))
    server.sendall(b"gone for good")
    assert rest(client, SILENCE_S) == (b"", SILENT)
    wire.toxics()
    assert rest(client, PATIENCE_S) == (b"", FIN)
    heals(wire)


def test_each_chunk_starts_the_time_of_a_timeout_anew(wire: Wire) -> None:
    """Not what the documentation says, but what Toxiproxy does."""
    wire.toxics(TimeoutToxic(timeout_ms=2000))
    client, server = wire.connect()
    began_ns = time.monotonic_ns()
    for _ in range(3):
        assert rest(client, SILENCE_S) == (b"", SILENT)
        server.sendall(b"x")
    assert rest(client, PATIENCE_S) == (b"", FIN)
    assert time.monotonic_ns() - began_ns >= (3 * 1000 * SILENCE_S + 2000) * MS


def test_a_reset_meets_older_connections_too_with_the_embedded_engine(wire: Wire) -> None:
    """Toxiproxy ends those in order: it arms the reset only when a connection is made."""
    client, server = wire.connect()
    ping_ns(client, server)
    wire.toxics(ResetPeerToxic())
    server.sendall(b"x")
    assert rest(client, PATIENCE_S) == (b"", FIN if is_toxiproxy(wire) else RST)
    heals(wire)


def test_a_reset_that_misses_a_connection_leaves_it_alone(wire: Wire) -> None:
    """Toxiproxy resets those too when they end (its issue 603): it arms the reset before it draws."""
    wire.toxics(ResetPeerToxic(toxicity=0))
    client, server = wire.connect()
    ping_ns(server, client)
    server.close()
    assert rest(client, PATIENCE_S) == (b"", RST if is_toxiproxy(wire) else FIN)


def test_removing_a_timeout_that_missed_a_connection_leaves_it_alone(wire: Wire) -> None:
    """Toxiproxy ends those too."""
    wire.toxics(TimeoutToxic(toxicity=0))
    client, server = wire.connect()
    ping_ns(server, client)
    wire.toxics()
    if is_toxiproxy(wire):
        assert rest(client, PATIENCE_S) == (b"", FIN)
    else:
        ping_ns(server, client)


def test_half_a_connection_goes_on_with_the_embedded_engine(wire: Wire) -> None:
    """Toxiproxy closes a socket whole as soon as the other side ended its half."""
    client, server = wire.connect()
    server.shutdown(socket.SHUT_WR)
    assert rest(client, PATIENCE_S) == (b"", FIN)
    client.sendall(b"still here")
    client.close()
    arrived, _ = rest(server, PATIENCE_S)
    assert arrived == (b"" if is_toxiproxy(wire) else b"still here")


def test_down_refuses_and_ends_connections_and_comes_back_where_it_was(wire: Wire) -> None:
    client, server = wire.connect()
    ping_ns(client, server)
    wire.toxics(DownToxic(), LatencyToxic(latency_ms=40))
    assert rest(client, PATIENCE_S)[1] == FIN
    assert rest(server, PATIENCE_S)[1] == FIN
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(wire.address, PATIENCE_S)
    wire.toxics(LatencyToxic(latency_ms=40))
    client, server = wire.connect()
    assert ping_ns(server, client) >= 40 * MS
    heals(wire)


def test_toxicity_is_of_connections(wire: Wire) -> None:
    """With a share of a half, forty connections all hit or all missed happen once in 2^39 times."""
    wire.toxics(LimitDataToxic(limit_bytes=2, toxicity=0.5))
    hit = _hit(wire, 40)
    assert 0 < sum(hit) < 40


def _hit(wire: Wire, connections: int) -> list[bool]:
    hit = []
    for _ in range(connections):
        client, server = wire.connect()
        server.sendall(b"1234")
        got = exactly(client, 2)
        assert got == b"12"
        hit.append(client.recv(2) == b"")
        client.close()
        server.close()
    return hit


def test_the_embedded_engine_hits_the_same_connections_with_the_same_seed(run: RunDir) -> None:
    def drawn(name: str, seed: int) -> list[bool]:
        chaos = ChaosProcess.start(run, name=name)
        engine = EmbeddedEngine(chaos, seed=seed)
        try:
            with wired(engine) as wire:
                wire.toxics(LimitDataToxic(limit_bytes=2, toxicity=0.5))
                return _hit(wire, 30)
        finally:
            chaos.stop()

    first, again, other = drawn("first", 5), drawn("again", 5), drawn("other", 6)
    assert first == again
    assert first != other


def test_a_cut_holds_everything_and_loses_nothing(wire: Wire) -> None:
    client, server = wire.connect()
    ping_ns(client, server)
    wire.engine.set_cut(wire.name, True)
    wire.engine.set_cut(wire.name, True)
    server.sendall(PAYLOAD)
    client.sendall(PAYLOAD)
    server.shutdown(socket.SHUT_WR)
    assert rest(client, SILENCE_S) == (b"", SILENT)
    assert rest(server, SILENCE_S) == (b"", SILENT)
    wire.engine.set_cut(wire.name, False)
    assert rest(client, PATIENCE_S) == (PAYLOAD, FIN)
    assert exactly(server, len(PAYLOAD)) == PAYLOAD
    heals(wire)


def test_a_cut_stops_both_directions_and_is_taken_back(run: RunDir) -> None:
    with embedded_server() as url:
        engine = ToxiproxyEngine.connect(url, run)
        with wired(engine) as wire:
            engine.set_cut(wire.name, True)
            (proxy,) = ToxiproxyClient(url).ask("get", "/proxies").values()
            assert [(toxic["type"], toxic["stream"]) for toxic in proxy["toxics"]] == [
                ("bandwidth", "upstream"),
                ("bandwidth", "downstream"),
            ]
            engine.set_cut(wire.name, False)
            (proxy,) = ToxiproxyClient(url).ask("get", "/proxies").values()
            assert proxy["toxics"] == []


def test_what_makes_no_sense_is_refused(wire: Wire) -> None:
    engine = wire.engine
    with pytest.raises((UsageError, EnvironmentFailed), match="open already"):
        engine.open_link(wire.name, "127.0.0.1", 1)
    with pytest.raises(UsageError, match='two toxics are called "latency_downstream"'):
        wire.toxics(LatencyToxic(latency_ms=1), LatencyToxic(latency_ms=2))
    calls: list[Callable[[], object]] = [
        lambda: engine.set_toxics("nowhere", []),
        lambda: engine.set_cut("nowhere", True),
        lambda: engine.stats("nowhere"),
        lambda: engine.close_link("nowhere"),
    ]
    for call in calls:
        with pytest.raises(UnknownNameError, match="nowhere"):
            call()


def test_only_the_embedded_engine_counts(embedded: LinkEngine, toxiproxy: LinkEngine) -> None:
    with wired(embedded) as ours, wired(toxiproxy) as theirs:
        ours.toxics(TimeoutToxic())
        client, server = ours.connect()
        server.sendall(b"swallowed")
        assert rest(client, SILENCE_S) == (b"", SILENT)
        stats = ours.engine.stats(ours.name)
        assert stats is not None
        assert (stats.accepted, stats.dropped_bytes, stats.downstream_bytes, stats.closed_by_toxic) == (1, 9, 0, 0)
        assert theirs.engine.stats(theirs.name) is None


def test_the_real_server_takes_whole_numbers_only(toxiproxy: LinkEngine) -> None:
    with wired(toxiproxy) as wire, pytest.raises(UsageError, match="whole numbers"):
        wire.toxics(LatencyToxic(latency_ms=0.5))
