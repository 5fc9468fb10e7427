"""Implements an ASGI application without a framework: it reads each request whole and has it answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from ..contract.base.http_messages import HttpRequest, HttpResponse

__all__ = ["MOST_BYTES", "App", "application"]

MOST_BYTES = 1 << 20
"""The most bytes of a request's body; a longer one is answered with 413."""

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
App: TypeAlias = Callable[[_Message, _Receive, _Send], Awaitable[None]]


def application(handle: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> App:
    """Return the application. ``handle`` gets complete requests only, with their bytes unchanged."""

    async def app(scope: _Message, receive: _Receive, send: _Send) -> None:
        body = await _body(receive)
        if body is None:
            return  # whoever asked is gone
        too_long = len(body) > MOST_BYTES
        answer = HttpResponse(413, {"connection": "close"}, b"") if too_long else await handle(_request(scope, body))
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": lines})
        await send({"type": "http.response.body", "body": answer.body})

    return app


def _request(scope: _Message, body: bytes) -> HttpRequest:
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return HttpRequest(scope["method"], target, headers, body)


async def _body(receive: _Receive) -> bytes | None:
    """Return the whole body; more than the limit if there is more; ``None`` if the connection ended before it did."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES or not message.get("more_body", False):
            return b"".join(chunks)
