"""Whole conversations without sockets: bytes from both sides in, what is written to either side out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.faults.edge import edge_faults
from ackord.chaos.gateway.downstream import IDLE_TICKS, DownstreamConnection
from ackord.chaos.gateway.exchange_record import unpack_records
from ackord.chaos.gateway.proxy_state import ProxyState
from ackord.chaos.gateway.reverse_proxy import ProxySettings
from ackord.chaos.timing.timer import FineTimer

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)


class Wire(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.written = b""
        self.end = ""
        """How the gateway ended it: ``close`` or ``abort``."""
        self._reading = True
        protocol.connection_made(self)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.end, "written to after its end"
        self.written += data

    def take(self) -> bytes:
        written, self.written = self.written, b""
        return written

    def is_closing(self) -> bool:
        return bool(self.end)

    def is_reading(self) -> bool:
        return self._reading

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        self._finish("close")

    def abort(self) -> None:
        self._finish("abort")

    def _finish(self, end: str) -> None:
        if not self.end:
            self.end = end
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def receive(self, data: bytes) -> None:
        if not self.end:
            self.protocol.data_received(data)

    def lose(self) -> None:
        self.close()


class Stage:
    """A gateway between one merchant and a provider that is played by the test."""

    def __init__(self) -> None:
        self.time_ns = 0
        self.records: list[dict[str, Any]] = []
        settings = ProxySettings("e", {"A": ("127.0.0.1", 1)}, "A", max_held_bytes=2000, record_body_bytes=500)
        loop = asyncio.get_running_loop()
        self.timer = FineTimer(loop, self.now_ns)
        self.state = ProxyState(settings, self._emit, self.timer, self.now_ns)
        self.upstreams: list[Wire] = []
        loop.create_connection = self._connect  # type: ignore[method-assign, assignment]
        self.merchant = Wire(DownstreamConnection(self.state))

    def now_ns(self) -> int:
        self.time_ns += 1
        return self.time_ns

    def _emit(self, block: bytes) -> None:
        self.records += unpack_records(block)

    async def _connect(
        self, make: Callable[[], asyncio.Protocol], host: str, port: int
    ) -> tuple[Wire, asyncio.Protocol]:
        wire = Wire(make())
        self.upstreams.append(wire)
        return wire, wire.protocol

    @property
    def provider(self) -> Wire:
        return self.upstreams[-1]

    async def settle(self) -> None:
        """Let everything happen that is due."""
        for _ in range(8):
            await asyncio.sleep(0)

    async def exit(self) -> None:
        for _ in range(3):  # a connection may have been on its way
            for wire in (self.merchant, *self.upstreams):
                wire.lose()
            await self.settle()
        self.state.records.flush()
        self.timer.close()


def on_stage(play: Callable[[Stage], Any]) -> Stage:
    async def run() -> Stage:
        stage = Stage()
        await play(stage)
        await stage.exit()
        return stage

    return asyncio.run(run())


POST = b"POST /p HTTP/1.1\r\nHost: x\r\nackord-op: 1\r\nackord-key: submit/1/1\r\nContent-Length: 2\r\n\r\nhi"
SENT = b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_conversation() -> None:
    async def play(stage: Stage) -> None:
        for turn in range(3):
            stage.merchant.receive(POST)
            await stage.settle()
            assert stage.provider.take() == SENT
            stage.provider.receive(OK)
            assert stage.merchant.take() == OK, turn
        assert len(stage.upstreams) == 1

    stage = on_stage(play)
    assert [r["end"] for r in stage.records] == ["complete"] * 3
    assert stage.state.in_flight == 0


def test_a_refused_merchant_whose_connection_is_half_gone_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_connected(_: Wire) -> None:
        raise OSError(107, "Transport endpoint is not connected")

    monkeypatch.setattr(Wire, "can_write_eof", lambda _: True)
    monkeypatch.setattr(Wire, "write_eof", not_connected)

    async def play(stage: Stage) -> None:
        stage.merchant.receive(b"POST /p HTTP/9.1\r\nHost: x\r\n\r\n")
        assert stage.merchant.take().startswith(b"HTTP/1.1 505 ")

    assert on_stage(play).records == []


def test_a_slow_merchant_stops_the_provider_and_a_slow_provider_the_merchant() -> None:
    async def play(stage: Stage) -> None:
        stage.merchant.receive(b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + b"u" * 3000)
        await stage.settle()
        assert len(stage.provider.take()) > 3000, "what is too large to hold is passed on"
        stage.provider.protocol.pause_writing()
        assert not stage.merchant.is_reading()
        stage.provider.protocol.resume_writing()
        assert stage.merchant.is_reading()
        stage.merchant.receive(b"u" * 6000)
        assert len(stage.provider.take()) == 6000
        stage.provider.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        stage.merchant.protocol.pause_writing()
        assert not stage.provider.is_reading()
        stage.merchant.protocol.resume_writing()
        assert stage.provider.is_reading()
        stage.provider.receive(b" done")
        assert stage.merchant.take().endswith(b"half done")

    assert [r["end"] for r in on_stage(play).records] == ["complete"]


def test_a_merchant_who_sends_far_ahead_has_to_wait() -> None:
    async def play(stage: Stage) -> None:
        stage.merchant.receive(POST)
        await stage.settle()
        stage.merchant.receive(POST * 1000)
        assert not stage.merchant.is_reading()
        for _ in range(1001):
            stage.provider.receive(OK)
            await stage.settle()
        assert stage.merchant.is_reading()
        assert stage.merchant.take() == OK * 1001

    assert len(on_stage(play).records) == 1001


def test_a_merchant_who_was_told_that_it_is_late_is_told_once() -> None:
    async def play(stage: Stage) -> None:
        stage.merchant.receive(b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + b"u" * 3000)
        await stage.settle()
        merchant = stage.merchant.protocol
        assert isinstance(merchant, DownstreamConnection)
        for _ in range(3 * IDLE_TICKS):
            merchant.tick()
        assert stage.merchant.take().count(b"HTTP/1.1 408 ") == 1

    assert [r["end"] for r in on_stage(play).records] == ["timeout"]


def test_a_held_request_whose_connection_is_lost_gets_another() -> None:
    """Nothing that the provider could act on was sent, so this is not a second payment."""

    async def play(stage: Stage) -> None:
        stage.merchant.receive(POST.replace(b"ackord-op", b"ackord-hold: ack:t\r\nackord-op"))
        await stage.settle()
        assert stage.provider.take() == b""
        stage.provider.lose()
        await stage.settle()
        stage.state.holds.complete("t")
        await stage.settle()
        assert len(stage.upstreams) == 2
        assert stage.provider.take() == SENT
        stage.provider.receive(OK)
        assert stage.merchant.take() == OK

    assert [(r["end"], r["hold"]) for r in on_stage(play).records] == [("complete", "released")]


def test_an_idle_connection_that_speaks_or_grows_old_is_not_used_again() -> None:
    async def play(stage: Stage) -> None:
        for use in range(1, 4):
            stage.merchant.receive(POST)
            await stage.settle()
            assert len(stage.upstreams) == use
            stage.provider.receive(OK)
            if use == 1:
                stage.provider.receive(b"unasked")
                assert stage.provider.end == "abort"
            stage.time_ns += 2_000_000_000
        stage.state.nodes["A"].sweep()
        assert stage.provider.end == "close"

    on_stage(play)


PIECES = st.sampled_from(
    [
        POST,
        b"GET /q HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /q HTTP/1.1\r\nHost: x\r\nackord-hold: ack:t\r\n\r\n",
        b"POST /b HTTP/1.1\r\nHost: x\r\nackord-hold: barrier:g:1\r\nContent-Length: 1\r\n\r\nz",
        b"PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + b"l" * 2500,
        b"l" * 2500,
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
        OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 103 Early\r\n\r\n",
        b"HTTP/1.1 ",
        b"\r\n",
    ]
) | st.binary(max_size=8)
STEPS = st.lists(
    st.tuples(st.sampled_from("mmmpppsxyrt"), PIECES, st.integers(0, 40)),
    max_size=25,
)


@pytest.mark.parametrize("fault", [None, *edge_faults()])
@calm
@given(STEPS)
def test_whatever_either_side_says_nothing_is_raised_and_nothing_is_left(
    fault: str | None, steps: list[tuple[str, bytes, int]]
) -> None:
    """m: the merchant says; p: the provider says; s: things settle; x, y: one side goes; r: it reads again; t: a token
    is done.
    """

    async def play(stage: Stage) -> None:
        if fault:
            stage.state.set_rules(
                1, [{"fault": fault, "share": 0.7, "params": {"ms": 5} if fault == "latency" else {}}]
            )
        for who, data, cut in steps:
            if who == "m":
                stage.merchant.receive(data[:cut])
                stage.merchant.receive(data[cut:])
            elif who == "p" and stage.upstreams:
                stage.provider.receive(data)
            elif who == "x" and cut < 10:
                stage.merchant.lose()
            elif who == "y" and stage.upstreams:
                stage.provider.lose()
            elif who == "t":
                stage.state.holds.complete("t")
            elif who == "r":
                stage.merchant.protocol.pause_writing()
                stage.merchant.protocol.resume_writing()
            else:
                await stage.settle()

    failures: list[dict[str, Any]] = []

    async def watched(stage: Stage) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
        await play(stage)

    stage = on_stage(watched)
    assert failures == []
    assert stage.state.in_flight == 0
    assert stage.state.holds.held == 0
    assert all(r["complete_ns"] > r["begin_ns"] for r in stage.records if r.get("end") == "complete")
