"""Puts the interface behind HTTP, as an ASGI application: bodies in, headers out."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from .api import ApiReply, ToxicsApi

__all__ = ["WARNING_HEADER", "application", "request_ids"]

WARNING_HEADER = b"x-ackord-warning"
"""Names what of a request was passed over, once for each."""
_MOST_BODY_BYTES = 4 << 20
_MOST_WARNINGS = 8
_MOST_WARNING_CHARACTERS = 400
_TEXT = "text/plain; charset=utf-8"

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def request_ids(now_ns: Callable[[], int]) -> Iterator[str]:
    """Yield identifiers of requests that look like Toxiproxy's (rs/xid: 12 bytes in 20 digits of base 32): those of
    one server begin alike and count up.
    """
    server = hashlib.blake2b(f"{os.getpid()} {now_ns()}".encode(), digest_size=9).digest()
    for number in itertools.count():
        yield base64.b32hexencode(server + (number % (1 << 24)).to_bytes(3, "big")).decode().rstrip("=").lower()


def application(
    api: ToxicsApi, ids: Iterator[str], log: Callable[[str], None]
) -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
    """Return the interface as an ASGI application. ``log`` is told each warning."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = bytearray()
        more = True
        while more and len(body) <= _MOST_BODY_BYTES:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        agent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"user-agent"), "")
        if len(body) > _MOST_BODY_BYTES:
            reply = ApiReply(413, b"the body is too large\n", _TEXT)
        else:
            reply = await api.handle(scope["method"], scope["path"], bytes(body), agent)
        for warning in reply.warnings:
            log(f"{scope['method']} {scope['path']}: {warning}")
        await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply, ids)})
        await send({"type": "http.response.body", "body": reply.body})

    return answer


def _headers(reply: ApiReply, ids: Iterator[str]) -> list[tuple[bytes, bytes]]:
    headers = [(b"server", b"ackord")]
    if reply.content_type:
        headers.append((b"content-type", reply.content_type.encode()))
    if reply.content_type == _TEXT:
        headers.append((b"x-content-type-options", b"nosniff"))
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    if reply.routed:
        headers.append((b"x-toxiproxy-request-id", next(ids).encode()))
    for warning in reply.warnings[:_MOST_WARNINGS]:
        shown = "".join(c if c.isascii() and c.isprintable() else "?" for c in warning[:_MOST_WARNING_CHARACTERS])
        headers.append((WARNING_HEADER, shown.encode()))
    return headers
