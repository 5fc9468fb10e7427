"""Requests reach whoever answers them whole and as they were sent, or not at all."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from ackord.client.asgi import MOST_BYTES, application
from ackord.contract.base.http_messages import HttpRequest, HttpResponse


def test_requests_and_answers_travel_as_they_are() -> None:
    async def echo(request: HttpRequest) -> HttpResponse:
        sent = [request.method, request.target, dict(request.headers)["x-sent"], request.body.decode()]
        return HttpResponse(203, {"x-told": "yes"}, json.dumps(sent).encode())

    async def story() -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(application(echo)), base_url="http://test"
        ) as client:
            answer = await client.patch("/a%2Fb?x=%20y&x=2", headers={"x-sent": "é".encode("latin-1")}, content=b"{}")
        assert answer.status_code == 203
        assert answer.json() == ["PATCH", "/a%2Fb?x=%20y&x=2", "é", "{}"]
        assert answer.headers.raw == [(b"x-told", b"yes"), (b"content-length", str(len(answer.content)).encode())]

    asyncio.run(story())


def exchange(*messages: dict[str, Any]) -> tuple[list[bytes], list[Any]]:
    """What whoever answers is given, and what is sent, when ``messages`` come in."""
    incoming, asked, outgoing = iter(messages), [], []

    async def answer(request: HttpRequest) -> HttpResponse:
        asked.append(request.body)
        return HttpResponse(200, {}, b"yes")

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: Any) -> None:
        outgoing.append(message)

    scope = {"type": "http", "method": "POST", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(_run(application(answer)(scope, receive, send)))
    return asked, outgoing


async def _run(work: Any) -> None:
    await work


def part(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_comes_in_parts() -> None:
    asked, (start, body) = exchange(part(b"one ", True), part(b"two", True), part(b"", False))
    assert asked == [b"one two"]
    assert (start["status"], body["body"]) == (200, b"yes")


def test_a_body_that_never_ends_is_not_read_to_the_end() -> None:
    half = part(b" " * (MOST_BYTES // 2 + 1), True)
    asked, (start, body) = exchange(half, half)
    assert asked == []
    assert (start["status"], body["body"]) == (413, b"")


def test_a_request_that_was_cut_off_is_not_answered() -> None:
    assert exchange(part(b"{}", True), {"type": "http.disconnect"}) == ([], [])
