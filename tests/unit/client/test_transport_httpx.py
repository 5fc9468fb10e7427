"""Answers are received piece by piece: packed as they are, bounded in bytes, and whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from ackord.client.transport import NoResponse
from ackord.client.transport_httpx import HttpxTransport
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.core.clock import SECOND

from .test_transport import RawServer


def received(sent: bytes, ending: str = "keep", **more: int) -> tuple[HttpResponse, bytes]:
    async def run() -> tuple[HttpResponse, bytes]:
        server = await asyncio.start_server(RawServer(sent, ending=ending).serve, "127.0.0.1", 0)
        transport = HttpxTransport(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", answer_bytes=100)
        parts: list[bytes] = []
        limits: Mapping[str, int] = {"idle_ns": 20 * SECOND, "most_bytes": 1000, **more}
        try:
            answer = await transport.receive(HttpRequest("GET", "/", (), b""), parts.append, **limits)
        finally:
            await transport.close()
            server.close()
        return answer, b"".join(parts)

    return asyncio.run(run())


def test_a_body_comes_as_it_is() -> None:
    packed = b"\x1f\x8bnot unpacked"
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 14\r\n\r\n"
    answer, body = received(head + packed)
    assert (answer.status, answer.headers["content-encoding"], answer.body, body) == (200, "gzip", b"", packed)


def test_an_error_has_its_body() -> None:
    answer, body = received(b"HTTP/1.1 404 No\r\ncontent-length: 2\r\n\r\nno")
    assert (answer.status, answer.body, body) == (404, b"no", b"")


@pytest.mark.parametrize(
    ("sent", "ending", "more", "says"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", "close", {}, "ended within the answer"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok",
            "keep",
            {"idle_ns": SECOND // 20},
            "nothing came for 50 ms",
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789", "keep", {"most_bytes": 8}, "longer than 8 bytes"),
    ],
)
def test_what_is_not_whole_is_no_answer(sent: bytes, ending: str, more: dict[str, int], says: str) -> None:
    with pytest.raises(NoResponse, match=says):
        received(sent, ending, **more)
