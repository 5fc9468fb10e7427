"""Runs every transport against servers on bare sockets: all read the same response, and send only
what was asked for.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from ackord.client.transport import LeanTransport, NoResponse, Transport, why_unconnected
from ackord.client.transport_httpx import HttpxTransport
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.core.clock import SECOND

TRANSPORTS = (LeanTransport, HttpxTransport)
every_transport = pytest.mark.parametrize("transport_class", TRANSPORTS)
GET = HttpRequest("GET", "/v1/orders/1?limit=5", (("X-First", "1"), ("x-second", "2")), b"")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class RawServer:
    """Answers the n-th request of all connections with the n-th of ``replies``, or the last; then does its ``ending``.

    ``ending``: ``keep`` waits for the next request, ``close`` closes the connection, ``reset`` resets it.
    """

    def __init__(self, *replies: bytes, ending: str = "keep") -> None:
        self.replies = replies
        self.ending = ending
        self.requests: list[bytes] = []
        self.connections = 0
        self.client_gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-len")
                    ),
                    0,
                )
                self.requests.append(head + await reader.readexactly(length))
                writer.write(self.replies[min(len(self.requests), len(self.replies)) - 1])
                await writer.drain()
                if self.ending == "close":
                    break
                if self.ending == "reset":
                    no_linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.client_gone.set()
        finally:
            writer.close()


def against(server: RawServer, make: type, talk: Callable[[Transport], Awaitable[Any]], **options: object) -> Any:
    async def run() -> Any:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        transport = make(f"http://127.0.0.1:{port}/base", **{"answer_bytes": 1000, **options})
        try:
            return await talk(transport)
        finally:
            await transport.close()
            listening.close()

    return asyncio.run(run())


async def get(transport: Transport) -> HttpResponse:
    return await transport.send(GET, timeout_ns=20 * SECOND)


class Case(NamedTuple):
    sent: bytes
    status: int = 200
    body: bytes = b"ok"
    headers: Mapping[str, str] = MappingProxyType({})
    absent: str = "x-absent"
    ending: str = "keep"


CASES = {
    "length": Case(OK),
    "chunked": Case(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n"),
    "until the end": Case(b"HTTP/1.1 200 OK\r\nx-a: 1\r\n\r\nok", headers={"x-a": "1"}, ending="close"),
    "empty until the end": Case(b"HTTP/1.1 200 OK\r\n\r\n", body=b"", ending="close"),
    "HTTP/1.0 until the end": Case(b"HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nok", ending="close"),
    "HTTP/1.0 with a length": Case(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", ending="close"),
    "no content": Case(b"HTTP/1.1 204 No Content\r\n\r\n", status=204, body=b""),
    "not modified": Case(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", status=304, body=b""),
    "redirect": Case(
        b"HTTP/1.1 303 See Other\r\nlocation: /elsewhere\r\ncontent-length: 2\r\n\r\nok",
        status=303,
        headers={"location": "/elsewhere"},
    ),
    "duplicate headers": Case(
        b"HTTP/1.1 200 OK\r\nX-N: 1\r\nx-o: 3\r\nx-n:  2 \r\ncontent-length: 2\r\n\r\nok", headers={"x-n": "1, 2"}
    ),
    "cookies": Case(
        b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\nok",
        headers={"set-cookie": "a=1"},
    ),
    "header in UTF-8": Case(
        "HTTP/1.1 200 OK\r\nx-name: Zoë\r\ncontent-length: 2\r\n\r\nok".encode(),
        headers={"x-name": "Zoë".encode().decode("latin-1")},
    ),
    "early hints": Case(
        b"HTTP/1.1 103 Early Hints\r\nx-early: 1\r\n\r\n" + OK, absent="x-early"
    ),
    "trailers": Case(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-trailer: 1\r\n\r\n", absent="x-trailer"
    ),
}  # fmt: skip


@every_transport
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_response_is_read_as_it_was_sent(case: Case, transport_class: type) -> None:
    response = against(RawServer(case.sent, ending=case.ending), transport_class, get)
    assert (response.status, response.body, response.truncated) == (case.status, case.body, False)
    assert response.headers.items() >= case.headers.items()
    assert case.absent not in response.headers


CUT = {
    "no response": b"",
    "within the head": b"HTTP/1.1 200 OK\r\nx-a:",
    "within the length": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok",
    "within the chunks": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
    "not HTTP": b"220 mail.example ESMTP ready\r\n\r\n",
}


@every_transport
@pytest.mark.parametrize("sent", CUT.values(), ids=CUT.keys())
def test_what_is_cut_off_is_no_response(sent: bytes, transport_class: type) -> None:
    with pytest.raises(NoResponse):
        against(RawServer(sent, ending="close"), transport_class, get)


@every_transport
def test_a_body_until_the_end_is_cut_off_by_a_reset(transport_class: type) -> None:
    with pytest.raises(NoResponse, match="connection reset"):
        against(RawServer(b"HTTP/1.1 200 OK\r\n\r\nok", ending="reset"), transport_class, get)


@every_transport
def test_a_body_until_the_end_is_bounded(transport_class: type) -> None:
    response = against(RawServer(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001, ending="close"), transport_class, get)
    assert (len(response.body), response.truncated) == (1000, True)


@every_transport
def test_headers_and_target_go_out_as_they_are(transport_class: type) -> None:
    request = HttpRequest("POST", "/a%2Fb/%7e?q=a+b&q=%20", (("X-B", "1"), ("x-a", "2"), ("X-B", "3")), b"{}")
    server = RawServer(OK)
    against(server, transport_class, lambda transport: transport.send(request, timeout_ns=20 * SECOND))
    first, *lines = server.requests[0].split(b"\r\n")
    assert first == b"POST /base/a%2Fb/%7e?q=a+b&q=%20 HTTP/1.1"
    assert [line for line in lines if line.lower().startswith(b"x-")] == [b"X-B: 1", b"x-a: 2", b"X-B: 3"]
    assert server.requests[0].endswith(b"\r\n\r\n{}")


async def twice(transport: Transport) -> None:
    for _ in range(2):
        await get(transport)


@every_transport
@pytest.mark.parametrize(("keep", "connections"), [(True, 1), (False, 2)])
def test_a_connection_is_used_again_only_where_that_is_wanted(
    transport_class: type, keep: bool, connections: int
) -> None:
    server = RawServer(OK.replace(b"\r\n\r\n", b"\r\nset-cookie: a=1\r\n\r\n"))
    against(server, transport_class, twice, keep=keep)
    assert server.connections == connections
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


@every_transport
def test_a_body_until_the_end_takes_its_connection_along(transport_class: type) -> None:
    server = RawServer(b"HTTP/1.1 200 OK\r\n\r\nok", ending="close")
    against(server, transport_class, twice)
    assert (server.connections, len(server.requests)) == (2, 2)


@every_transport
def test_nothing_is_sent_twice_when_a_kept_connection_ends(transport_class: type) -> None:
    class HangsUp(RawServer):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.ending = "keep" if self.connections == 0 else "close"
            self.connections += 1
            for reply in self.replies:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(reply)
            writer.close()

    server = HangsUp(OK, b"")
    with pytest.raises(NoResponse):
        against(server, transport_class, twice)
    assert (server.connections, len(server.requests)) == (1, 2)


@every_transport
def test_a_server_that_says_nothing_is_left_after_the_time_out(transport_class: type) -> None:
    server = RawServer(b"HTTP/1.1 200 OK\r\n\r\nok")

    async def impatient(transport: Transport) -> None:
        with pytest.raises(NoResponse, match="time-out after 50 ms"):
            await transport.send(GET, timeout_ns=50_000_000)
        await asyncio.wait_for(server.client_gone.wait(), 20)

    against(server, transport_class, impatient)


@every_transport
def test_a_port_where_nobody_listens_refuses(transport_class: type) -> None:
    async def run() -> None:
        listening = await asyncio.start_server(RawServer(OK).serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        listening.close()
        await listening.wait_closed()
        transport = transport_class(f"http://127.0.0.1:{port}", answer_bytes=1000)
        with pytest.raises(NoResponse, match="connection refused"):
            await get(transport)
        await transport.close()

    asyncio.run(run())


def led_to(*causes: BaseException) -> BaseException:
    """The first error, which the others led to, as a library raises it."""
    for error, cause in pairwise(causes):
        error.__cause__ = cause
    return causes[0]


def refused_certificate() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("error", "says", "mend"),
    [
        (led_to(OSError("all attempts failed"), ConnectionRefusedError(111, "x")), "connection refused", ""),
        (led_to(RuntimeError("a library's own")), "connection refused", ""),
        (OSError("no route to host"), "no route to host", ""),
        (led_to(RuntimeError("a library's own"), OSError(101, "Network is unreachable")), "Network is unreachable", ""),
        (
            led_to(
                OSError("all attempts failed"), ExceptionGroup("of each address", [ConnectionRefusedError(111, "x")])
            ),
            "connection refused",
            "",
        ),
        (
            led_to(RuntimeError("a"), socket.gaierror(-2, "Name not known")),
            "cannot be resolved: Name not known",
            "host",
        ),
        (led_to(RuntimeError("a"), refused_certificate()), "refused: certificate has expired", "--ca FILE"),
        (ssl.SSLError(1, "odd"), "TLS failed", ""),
    ],
)
def test_why_there_is_no_connection(error: BaseException, says: str, mend: str) -> None:
    why = why_unconnected(error)
    assert says in str(why)
    assert (mend in why.mend) if mend else why.mend == ""


@pytest.mark.parametrize("kind", [LeanTransport, HttpxTransport])
def test_a_port_without_tls_is_not_called_closed(kind: type[LeanTransport] | type[HttpxTransport]) -> None:
    async def run() -> None:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        transport = kind(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", answer_bytes=100)
        try:
            await transport.send(HttpRequest("GET", "/", (), b""), timeout_ns=20 * SECOND)
        finally:
            await transport.close()
            server.close()

    with pytest.raises(NoResponse, match="the port speaks no TLS") as refused:
        asyncio.run(run())
    assert "http://" in refused.value.mend
