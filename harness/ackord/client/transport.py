"""The one seam between an operation and a network: ``Transport.send``.

    HttpxTransport   (transport_httpx.py) follows every rule of HTTP; for the machine, for ledgers, for anything rare
    LeanTransport    httptools on asyncio; a third of the CPU a request; for storms of hundreds of orders

Both bound an answer in bytes and in time, never follow a redirect, never retry, and never use a proxy from the environment: a payment that is sent twice by
its own test tool would be a fine joke.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from typing import Protocol
from urllib.parse import urlsplit

import httptools

from ..contract.codec.codec import HttpRequest, HttpResponse

__all__ = ["LeanTransport", "NoResponse", "Transport"]


class NoResponse(Exception):
    """There was no complete answer. The text says why, in a few words for a report: ``time-out after 2000 ms``."""


class Transport(Protocol):
    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        """Send and wait for the whole answer, at most ``timeout_ns``. Raises ``NoResponse``."""
        ...

    async def close(self) -> None: ...


class LeanTransport:
    """Keep-alive connections to one origin, one request at a time on each; no more HTTP than a payment API needs."""

    def __init__(self, base_url: str, *, answer_bytes: int, keep: bool = True, host: str = "") -> None:
        """``keep``: whether a connection is used again; if not, every request has one of its own. ``host``: what is called for, where it is not the address."""
        url = urlsplit(base_url)
        if url.hostname is None:
            raise ValueError(f"{base_url!r} has no host")
        self._host = url.hostname
        self._port = url.port or (443 if url.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._prefix = url.path.rstrip("/")
        self._host_header = host or url.netloc.rpartition("@")[2]
        self._answer_bytes = answer_bytes
        self._keep = keep
        self._idle: deque[_Connection] = deque()
        self._open: set[_Connection] = set()

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(timeout_ns / 1e9):
                connection = await self._connection()
                answer = await connection.exchange(self._render(request))
        except TimeoutError:
            raise NoResponse(f"time-out after {timeout_ns // 1_000_000} ms") from None
        except OSError as error:
            raise NoResponse(
                "connection refused" if isinstance(error, ConnectionRefusedError) else str(error)
            ) from None
        finally:
            if connection is not None and not (self._keep and connection.reusable):
                connection.abort()
                self._open.discard(connection)
        if self._keep and connection.reusable:
            self._idle.append(connection)
        return answer

    def _render(self, request: HttpRequest) -> bytes:
        lines = [f"{request.method} {self._prefix}{request.target} HTTP/1.1", f"host: {self._host_header}"]
        lines += [f"{name}: {value}" for name, value in request.headers]
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            lines.append(f"content-length: {len(request.body)}")
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + request.body

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
            self._open.discard(connection)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: _Connection(self._answer_bytes),
            self._host,
            self._port,
            ssl=self._tls,
            server_hostname=self._host if self._tls else None,
        )
        self._open.add(connection)
        return connection

    async def close(self) -> None:
        for connection in self._open:
            connection.abort()
        self._open.clear()
        self._idle.clear()


class _Connection(asyncio.Protocol):
    """One connection; httptools calls the ``on_`` methods."""

    def __init__(self, answer_bytes: int) -> None:
        self._answer_bytes = answer_bytes
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[HttpResponse] | None = None
        self.reusable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]
        self.reusable = True

    async def exchange(self, request: bytes) -> HttpResponse:
        assert self._transport is not None
        self.reusable = False
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._parser = httptools.HttpResponseParser(self)
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.reusable = False  # bytes that nobody asked for: this connection cannot be trusted any more
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(NoResponse(f"the answer was not HTTP: {error}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._size += len(body)
        if self._size > self._answer_bytes:
            self._done(truncated=True)

    def on_message_complete(self) -> None:
        if 100 <= self._parser.get_status_code() < 200:
            return  # an interim response (RFC 9110, 15.2): the final one follows
        self.reusable = self._parser.should_keep_alive()
        self._done(truncated=False)

    def _done(self, *, truncated: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            body = b"".join(self._body)[: self._answer_bytes]
            self._waiting.set_result(HttpResponse(self._parser.get_status_code(), self._headers, body, truncated))

    def _fail(self, error: NoResponse) -> None:
        self.reusable = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    def connection_lost(self, error: Exception | None) -> None:
        # A body that is delimited by the connection's end is complete now (RFC 9112, 6.3); anything else was cut off.
        with contextlib.suppress(httptools.HttpParserError, AttributeError):
            self._parser.feed_data(b"")
        self._fail(NoResponse("connection reset"))

    def abort(self) -> None:
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()
