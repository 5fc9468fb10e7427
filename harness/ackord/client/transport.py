"""Defines ``Transport``, through which every request goes, and sends requests with httptools on asyncio.

    HttpxTransport   (transport_httpx.py) supports all of HTTP/1.1 and TLS; for the machine, ledgers, rare requests
    LeanTransport    needs a third of the CPU time a request; for load of hundreds of orders

Both bound a response in bytes and in time. They never follow a redirect, retry, return a cookie, or use a proxy from
the environment: a test tool must not send a payment twice.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from typing import Protocol
from urllib.parse import urlsplit

import httptools

from ..contract.base.http_messages import HttpRequest, HttpResponse, combined_fields

__all__ = ["LeanTransport", "NoResponse", "Transport", "why_unconnected"]

_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
"""What OpenSSL calls an answer that is no TLS."""


class NoResponse(Exception):
    """There was no complete response. The text is the reason, in a few words: ``time-out after 2000 ms``."""

    def __init__(self, reason: str, *, mend: str = "") -> None:
        """``mend``: what to change, where the reason tells that; empty: it does not."""
        super().__init__(reason)
        self.mend = mend


def why_unconnected(error: BaseException) -> NoResponse:
    """Return why there is no connection, by the errors that led to this one.

    A closed port, an unknown name, and a TLS handshake that failed are mended in three places.
    """
    cause: BaseException | None = error
    problem = ""
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            mend = "give the authorities that signed it with --ca FILE"
            return NoResponse(f"the certificate was refused: {cause.verify_message}", mend=mend)
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "reason", None) or "it ended early"
            if reason in _NO_TLS:
                return NoResponse("the port speaks no TLS", mend="give an address that begins with http://")
            return NoResponse(f"TLS failed: {reason.replace('_', ' ').lower()}")
        if isinstance(cause, socket.gaierror):
            mend = "check the host in the address"
            return NoResponse(f"the host's name cannot be resolved: {cause.strerror}", mend=mend)
        if isinstance(cause, ConnectionRefusedError):
            return NoResponse("connection refused")
        if isinstance(cause, OSError):
            problem = str(cause)  # the deepest one is the system's
        cause = cause.__cause__ or cause.__context__
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]  # one of each address of the name
    return NoResponse(problem or "connection refused")


class Transport(Protocol):
    """Sends requests to one origin."""

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        """Send the request and wait for the whole response, at most ``timeout_ns``. Raises ``NoResponse``."""
        ...

    async def close(self) -> None: ...


class LeanTransport:
    """Keeps connections to one origin alive, and sends one request at a time on each."""

    def __init__(self, base_url: str, *, answer_bytes: int, keep: bool = True, host: str = "") -> None:
        """Open no connection yet. Raises ``ValueError`` for a ``base_url`` without a host.

        ``answer_bytes``: most bytes of a response's body. ``keep``: whether a connection is used for several requests.
        ``host``: the Host header, if it differs from ``base_url``.
        """
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
            raise why_unconnected(error) from None
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
        self._headers: dict[str, str] | None = None
        self.reusable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]
        self.reusable = True

    async def exchange(self, request: bytes) -> HttpResponse:
        assert self._transport is not None
        self.reusable = False
        self._headers = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.reusable = False  # nobody asked for these bytes: the connection is not in step any more
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(NoResponse(f"the answer was not HTTP: {error}"))

    def on_message_begin(self) -> None:
        self._fields: list[tuple[bytes, bytes]] = []
        self._headers = None
        self._body: list[bytes] = []
        self._size = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._headers is None:  # otherwise it is a trailer, which is not merged into the header (RFC 9110, 6.5.1)
            self._fields.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        self._headers = combined_fields(self._fields)

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
            assert self._headers is not None
            body = b"".join(self._body)[: self._answer_bytes]
            self._waiting.set_result(HttpResponse(self._parser.get_status_code(), self._headers, body, truncated))

    def _fail(self, error: NoResponse) -> None:
        self.reusable = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    def connection_lost(self, error: Exception | None) -> None:
        if error is None and self._waiting is not None and not self._waiting.done() and self._ends_with_connection():
            self._done(truncated=False)
        self._fail(NoResponse("connection reset"))

    def _ends_with_connection(self) -> bool:
        """Whether the response has no other end (RFC 9112, 6.3). httptools cannot be told that a connection ended."""
        headers = self._headers
        if headers is None or self._parser.get_status_code() < 200:
            return False
        coding = headers.get("transfer-encoding")
        return "content-length" not in headers if coding is None else not coding.lower().endswith("chunked")

    def abort(self) -> None:
        self._fail(NoResponse("connection closed"))
        if self._transport is not None:
            self._transport.abort()
