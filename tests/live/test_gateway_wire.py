"""The wire on real sockets: every way in which HTTP/1.1 frames, keeps, refuses and ends, in bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.host.run_dir import RunDir

from .edges import Process, names
from .peers import PATIENCE_S, Merchant, Provider, eventually

Json = dict[str, Any]
TWO_HUNDRED_MB = 200 * 1000 * 1000
ROOM_BYTES = 24_000_000
"""What 200 MB may cost in memory: socket buffers and a few pieces on their way."""


class Edge:
    """An edge with settings of its own."""

    def __init__(self, process: Process, provider: Provider, **settings: Any) -> None:
        self.process = process
        self.name = next(names)
        self.port = process.chaos.open_edge(self.name, {"A": ("127.0.0.1", provider.port)}, **settings).port

    def merchant(self) -> Merchant:
        return Merchant(self.port)

    def exchanges(self) -> list[Json]:
        assert self.process.chaos.drain(self.name)
        return [e for e in self.process.events if e["event"] == "exchange" and e["edge"] == self.name]


@pytest.fixture
def edge(process: Process, provider: Provider) -> Iterator[Edge]:
    edge = Edge(process, provider)
    yield edge
    process.chaos.close_edge(edge.name)


def chunks(body: bytes, size: int) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return (
        b"".join(b"%x;n=%d\r\n%s\r\n" % (len(part), n, part) for n, part in enumerate(parts)) + b"0\r\nX-Sum: 1\r\n\r\n"
    )


# -- framing -----------------------------------------------------------------------------------------------------------


def test_chunks_pass_in_both_directions_as_they_came(edge: Edge, provider: Provider) -> None:
    sent = chunks(b"question" * 100, 7)
    told = chunks(b"answer" * 100, 11)

    async def read(reader: asyncio.StreamReader, head: bytes) -> tuple[bytes, int]:
        body = await reader.readuntil(b"X-Sum: 1\r\n\r\n")
        return body, len(body)

    provider._body = read  # type: ignore[method-assign]
    provider.answers = {"/chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + told}
    with edge.merchant() as merchant:
        raw = b"PUT /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + sent
        for at in range(0, len(raw), 101):
            merchant.send(raw[at : at + 101])
        assert merchant._until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK")
        assert merchant._until(b"X-Sum: 1\r\n\r\n") == told
    assert provider.seen[0].raw.partition(b"\r\n\r\n")[2] == sent
    (record,) = edge.exchanges()
    assert (record["request"]["body"], record["body"]) == ("question" * 100, "answer" * 100)


def test_a_chunked_answer_in_small_pieces_comes_whole(edge: Edge, provider: Provider) -> None:
    body = b"0123456789" * 5000
    provider.answers = {"/c": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(body, 3)}
    with edge.merchant() as merchant:
        merchant.request("GET", "/c", op=1)
        assert merchant._until(b"X-Sum: 1\r\n\r\n").endswith(chunks(body, 3))
    (record,) = edge.exchanges()
    assert (record["truncated"], record["body"]) == (True, body[:16_384].decode())


def test_pipelined_requests_of_every_kind_are_answered_in_their_order(edge: Edge, provider: Provider) -> None:
    head = b"HTTP/1.1\r\nHost: x\r\n"
    with edge.merchant() as merchant:
        merchant.send(
            b"GET /1 " + head + b"\r\n"
            b"HEAD /2 " + head + b"\r\n"
            b"POST /3 " + head + b"Content-Length: 3\r\n\r\nabc"
            b"PUT /4 " + head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            b"\r\nGET /5 " + head + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n"
            b"OPTIONS * " + head + b"\r\n"
            b"GET http://other.example/7 " + head + b"Connection: close\r\n\r\n"
            b"GET /never " + head + b"\r\n"
        )
        for number in (1, 2, 3, 4, 5):
            answer = merchant.answer("HEAD" if number == 2 else "GET")
            assert answer.status == 200
            assert answer.body == (b"" if number == 2 else b'{"path": "/%d"}' % number)
        assert merchant.answer().body == b'{"path": "*"}'
        assert merchant.rest().endswith(b'{"path": "/7"}'), "nothing is read after the last request"
    assert provider.paths == ["/1", "/2", "/3", "/4", "/5", "*", "/7"]
    assert b"\r\nHost: other.example\r\n" in provider.seen[-1].raw
    assert not any(b"pgrade" in seen.raw for seen in provider.seen)


def test_a_merchant_waits_for_100_only_if_it_asked(edge: Edge) -> None:
    with edge.merchant() as merchant:
        merchant.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert merchant.answer().status == 100
        merchant.send(b"ok")
        assert merchant.answer().status == 200
        merchant.send(b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
        merchant.send(b"ok")
        assert merchant.answer().status == 200
        merchant.send(b"POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: miracles\r\n\r\n")
        assert merchant.answer().status == 417


def test_http_1_0_is_answered_without_chunks_and_closed(edge: Edge, provider: Provider) -> None:
    provider.answers = {
        "/interim": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    }
    for path, body in (("/a", b'{"path": "/a"}'), ("/interim", b"ok")):
        with edge.merchant() as merchant:
            merchant.send(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
            answer = merchant.rest()
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n"), "HTTP/1.0 knows no interim answers"
            assert b"\r\nConnection: close\r\n" in answer
            assert answer.endswith(b"\r\n\r\n" + body)
    assert all(seen.raw.startswith(b"GET /") and b" HTTP/1.0\r\n" in seen.raw for seen in provider.seen)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 501),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
    ids=["CONNECT", "HTTP/2", "two lengths", "large head", "long target", "TLS"],
)
def test_a_refusal_is_read_by_a_merchant_who_goes_on_sending(
    edge: Edge, provider: Provider, raw: bytes, status: int
) -> None:
    """RFC 9112, 9.6: the answer must not be lost to a reset because bytes were left unread."""
    with edge.merchant() as merchant:
        merchant.send(raw)
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                merchant.send(b"GET /more HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        answer = merchant.answer()
        assert (answer.status, b"Connection: close" in answer.head) == (status, True)
    assert provider.seen == []


def test_an_answer_that_comes_before_the_end_of_the_request_is_not_lost(process: Process, provider: Provider) -> None:
    """RFC 9112, 9.3 and 9.6: the merchant may still be sending when it is told that it need not."""

    async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!")
        await writer.drain()
        while await reader.read(1 << 16):
            pass
        return False

    provider._exchange = exchange  # type: ignore[method-assign]
    edge = Edge(process, provider, max_held_bytes=1000)
    with edge.merchant() as merchant:
        merchant.send(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % TWO_HUNDRED_MB)
        merchant.send(b"x" * 5000)
        eventually(lambda: edge.exchanges() != [])
        for _ in range(20):
            merchant.send(b"x" * 100_000)
        answer = merchant.answer()
        assert (answer.status, answer.body) == (413, b"no!")
        assert b"\r\nConnection: close\r\n" in answer.head
    assert [e["status"] for e in edge.exchanges()] == [413]
    process.chaos.close_edge(edge.name)


# -- bounds ------------------------------------------------------------------------------------------------------------


def memory_bytes(pid: int) -> int:
    """The most that a process has held in memory so far."""
    (line,) = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


@pytest.fixture
def fresh() -> Iterator[Process]:
    """A chaos process whose memory is not yet used."""
    with RunDir.create() as run:
        process = Process(run)
        yield process
        process.chaos.stop()


@pytest.mark.parametrize("framing", ["length", "chunks", "until the end"])
def test_an_answer_of_200_mb_passes_in_bounded_memory(fresh: Process, provider: Provider, framing: str) -> None:
    piece = b"0123456789abcdef" * 4096
    heads = {
        "length": b"Content-Length: %d" % TWO_HUNDRED_MB,
        "chunks": b"Transfer-Encoding: chunked",
        "until the end": b"A: b",
    }

    async def send(writer: asyncio.StreamWriter, size: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + heads[framing] + b"\r\n\r\n")
        while size:
            part = piece[: min(size, len(piece))]
            writer.write(b"%x\r\n%s\r\n" % (len(part), part) if framing == "chunks" else part)
            size -= len(part)
            await writer.drain()
        writer.write(b"0\r\n\r\n" if framing == "chunks" else b"")
        if framing == "until the end":
            writer.close()

    provider._send_many = send  # type: ignore[method-assign]
    edge = Edge(fresh, provider)
    with edge.merchant() as merchant:
        assert merchant.ask("GET", "/a").status == 200
        before = memory_bytes(fresh.chaos.child.pid)
        merchant.request("GET", f"/bytes/{TWO_HUNDRED_MB}", op=2)
        merchant._until(b"\r\n\r\n")
        got = len(merchant._rest)
        while got < TWO_HUNDRED_MB:
            got += len(merchant.socket.recv(1 << 20))
    assert memory_bytes(fresh.chaos.child.pid) - before < ROOM_BYTES
    assert len(edge.exchanges()[1]["body"]) == 16_384


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_request_of_200_mb_passes_in_bounded_memory(fresh: Process, provider: Provider, framing: str) -> None:
    piece = b"x" * 100_000
    got = 0

    async def read(reader: asyncio.StreamReader, head: bytes) -> tuple[bytes, int]:
        nonlocal got
        got = 0
        while got < TWO_HUNDRED_MB:
            if framing == "chunks":
                await reader.readuntil(b"\r\n")
            got += len(await reader.readexactly(len(piece)))
            if framing == "chunks":
                await reader.readexactly(2)
        if framing == "chunks":
            await reader.readexactly(5)
        return b"", got

    edge = Edge(fresh, provider)
    with edge.merchant() as merchant:
        assert merchant.ask("GET", "/a").status == 200
        before = memory_bytes(fresh.chaos.child.pid)
        provider._body = read  # type: ignore[method-assign]
        length = b"Content-Length: %d" % TWO_HUNDRED_MB if framing == "length" else b"Transfer-Encoding: chunked"
        merchant.send(b"POST /up HTTP/1.1\r\nHost: x\r\nackord-op: 1\r\n" + length + b"\r\n\r\n")
        for _ in range(TWO_HUNDRED_MB // len(piece)):
            merchant.send(b"%x\r\n%s\r\n" % (len(piece), piece) if framing == "chunks" else piece)
        merchant.send(b"0\r\n\r\n" if framing == "chunks" else b"")
        assert merchant.answer().status == 200
    assert got == TWO_HUNDRED_MB
    assert memory_bytes(fresh.chaos.child.pid) - before < ROOM_BYTES
    assert [e["end"] for e in edge.exchanges()] == ["complete", "complete"]


def test_a_provider_that_does_not_read_makes_the_merchant_wait(fresh: Process, provider: Provider) -> None:
    opened = threading.Event()

    async def read(reader: asyncio.StreamReader, head: bytes) -> tuple[bytes, int]:
        await asyncio.to_thread(opened.wait, PATIENCE_S)
        left = TWO_HUNDRED_MB
        while left:
            left -= len(await reader.read(min(left, 1 << 16)))
        return b"", TWO_HUNDRED_MB

    edge = Edge(fresh, provider)
    provider._body = read  # type: ignore[method-assign]
    before = memory_bytes(fresh.chaos.child.pid)
    with edge.merchant() as merchant:
        merchant.send(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % TWO_HUNDRED_MB)
        merchant.socket.settimeout(0.5)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < TWO_HUNDRED_MB:
                sent += merchant.socket.send(b"x" * min(1 << 16, TWO_HUNDRED_MB - sent))
        assert sent < TWO_HUNDRED_MB // 4, "the merchant was let on although nobody read"
        assert memory_bytes(fresh.chaos.child.pid) - before < ROOM_BYTES
        opened.set()
        merchant.socket.settimeout(PATIENCE_S)
        while sent < TWO_HUNDRED_MB:
            sent += merchant.socket.send(b"x" * min(1 << 16, TWO_HUNDRED_MB - sent))
        assert merchant.answer().status == 200


def test_a_merchant_that_does_not_read_makes_the_provider_wait(fresh: Process, provider: Provider) -> None:
    told = 0

    async def send(writer: asyncio.StreamWriter, size: int) -> None:
        nonlocal told
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        while told < size:
            writer.write(b"x" * 100_000)
            await writer.drain()
            told += 100_000

    provider._send_many = send  # type: ignore[method-assign]
    edge = Edge(fresh, provider)
    before = memory_bytes(fresh.chaos.child.pid)
    with edge.merchant() as merchant, edge.merchant() as other:
        merchant.request("GET", f"/bytes/{TWO_HUNDRED_MB}", op=1)
        eventually(lambda: told > 0)
        for turn in range(50):
            assert other.ask("GET", f"/{turn}").status == 200, "nobody else has to wait"
        assert told < TWO_HUNDRED_MB // 4
        assert memory_bytes(fresh.chaos.child.pid) - before < ROOM_BYTES
        merchant._until(b"\r\n\r\n")
        got = len(merchant._rest)
        while got < TWO_HUNDRED_MB:
            got += len(merchant.socket.recv(1 << 20))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", None),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", None),
        (b"GET / HTT", 408),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", 408),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + b"a" * 5000, 408),
    ],
    ids=["nothing", "after an answer", "in a head", "in a body", "in a body that is passed on"],
)
def test_a_silent_merchant_is_let_go(process: Process, provider: Provider, sent: bytes, status: int | None) -> None:
    edge = Edge(process, provider, idle_timeout_ms=80, max_held_bytes=1000)
    with edge.merchant() as merchant:
        if sent:
            merchant.send(sent)
        if sent.endswith(b"\r\n\r\n"):
            assert merchant.answer().status == 200
        if status is not None:
            answer = merchant.answer()
            assert answer.status == status
            assert b"ACKORD_REQUEST_TIMEOUT" in answer.body
        assert merchant.rest() == b""
    passed_on = b"9000" in sent
    assert [e["end"] for e in edge.exchanges()] == ["complete"] * sent.endswith(b"\r\n\r\n") + ["timeout"] * passed_on
    process.chaos.close_edge(edge.name)


def test_a_merchant_that_never_reads_its_answer_is_let_go(process: Process, provider: Provider) -> None:
    edge = Edge(process, provider, idle_timeout_ms=80)
    with edge.merchant() as merchant:
        merchant.request("GET", f"/bytes/{TWO_HUNDRED_MB}", op=1)
        assert edge.exchanges()[0]["end"] == "timeout"
    eventually(lambda: provider.disconnects == 1)
    process.chaos.close_edge(edge.name)


def test_a_merchant_whose_provider_is_slow_is_not_silent(process: Process, provider: Provider) -> None:
    edge = Edge(process, provider, idle_timeout_ms=20)
    with edge.merchant() as merchant, edge.merchant() as silent:
        merchant.request("GET", "/gated", op=1)
        assert silent.rest() == b"", "somebody was let go meanwhile"
        with edge.merchant() as another:
            assert another.rest() == b""
        provider.open_gate()
        assert merchant.answer().status == 200
    process.chaos.close_edge(edge.name)


def test_connections_beyond_the_limit_are_refused_politely(process: Process, provider: Provider) -> None:
    edge = Edge(process, provider, max_connections=5)
    merchants = [edge.merchant() for _ in range(5)]
    for merchant in merchants:
        assert merchant.ask("GET", "/").status == 200
    with edge.merchant() as one_too_many:
        answer = one_too_many.answer()
        assert answer.status == 503
        assert b"\r\nRetry-After: 1\r\n" in answer.head
        assert b"ACKORD_TOO_MANY_CONNECTIONS" in answer.body
        assert one_too_many.rest() == b""
    merchants.pop().socket.close()

    def let_in() -> bool:
        with edge.merchant() as merchant, contextlib.suppress(ConnectionError):
            return bool(merchant.ask("GET", "/").status == 200)
        return False

    eventually(let_in)
    for merchant in merchants:
        assert merchant.ask("GET", "/").status == 200
        merchant.socket.close()
    process.chaos.close_edge(edge.name)


def test_many_connections_are_held_where_few_files_are_allowed(provider: Provider) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with RunDir.create() as run, contextlib.ExitStack() as open_ones:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, soft), hard))
        try:
            process = Process(run)
            edge = Edge(process, provider)  # the process runs now, with the limit that it was given
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        merchants = [open_ones.enter_context(edge.merchant()) for _ in range(400)]
        for merchant in merchants:
            assert merchant.ask("GET", "/").status == 200
        process.chaos.stop()
        assert (run.path / "chaos.log").read_text() == ""


def test_records_that_nobody_takes_make_merchants_wait_and_are_not_lost(provider: Provider) -> None:
    """The bound is in bytes of records; the parent's reader is held up as if the parent were busy."""
    taken, events = threading.Event(), []

    def slow(event: Json) -> None:
        taken.wait(PATIENCE_S * 6)
        events.append(event)

    with RunDir.create() as run:
        process = Process(run, slow)
        edge = Edge(process, provider, record_body_bytes=1 << 20)
        body, asked, stuck = b"x" * 1_000_000, 0, False
        with edge.merchant() as merchant:
            merchant.socket.settimeout(1.0)
            while not stuck and asked < 200:
                merchant.request("POST", "/up", body, op=asked + 1)
                asked += 1
                try:
                    assert merchant.answer().status == 200
                except TimeoutError:
                    stuck = True
            assert stuck, "200 MB of records were buffered"
            assert 20 < asked < 80
            assert memory_bytes(process.chaos.child.pid) < 250_000_000
            merchant.socket.settimeout(PATIENCE_S)
            taken.set()
            assert merchant.answer().status == 200
        assert process.chaos.drain(edge.name)
        assert [e["op"] for e in events] == list(range(1, asked + 1))
        process.chaos.stop()
