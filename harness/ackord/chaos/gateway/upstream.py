"""Keeps connections from the gateway to the provider's nodes, and reuses them for a short while.

The gateway itself never sends a request twice: sending a payment again is the merchant's decision. So an idle
connection is dropped early, long before a server would drop it, and one that the provider closed is noticed while idle.
"""

from __future__ import annotations

import asyncio
import fcntl
import ssl
import termios
from collections.abc import Callable, Coroutine
from typing import Any, cast

from ...core.clock import MS, SECOND
from .head_cache import HeadCache
from .http1.framing import ProtocolError, ResponseHead, response_message_reader
from .ports import UpstreamClient, WholeAnswerClient
from .tls import HANDSHAKE_LIMIT_S, SHUTDOWN_LIMIT_S, TlsFailed, UpstreamTls

__all__ = ["UpstreamConnection", "UpstreamPool", "set_reading"]

IDLE_LIMIT_NS = SECOND
CONNECT_LIMIT_S = 5.0
WRITE_HIGH_WATER_BYTES = 262_144
_LOOK_FROM_NS = 10 * MS
"""From this idle time on a connection is looked at before it is used. Under load, connections rest for a few
milliseconds between two exchanges: the look would cost a request five per cent, and the event loop sees all the same
what a provider says unasked, unless that arrived while the loop was working.
"""
_NO_BYTES = bytes(4)
"""What ``FIONREAD`` says of a socket with nothing to read."""


class UpstreamConnection:
    """One connection to a node; serves one exchange at a time.

    An ``asyncio.Protocol`` without that base, as ``DownstreamConnection`` is.
    """

    __slots__ = (
        "_descriptor",
        "_plain_heads",
        "_said_goodbye",
        "exchange",
        "express",
        "idle_since_ns",
        "pool",
        "reader",
        "transport",
    )

    def __init__(self, pool: UpstreamPool, keep_bytes: int) -> None:
        self.pool = pool
        self.exchange: UpstreamClient | None = None
        self.express: WholeAnswerClient | None = None
        """The exchange, if it takes a whole answer in one piece."""
        self.reader = response_message_reader(keep_bytes, self._method, pool.heads.response)
        self.idle_since_ns = 0
        self._plain_heads = pool.heads.responses
        self._said_goodbye = pool.tls is None
        self._descriptor = -1
        """Of its socket, if what waits there is an answer's bytes: over TLS it may be a session's ticket."""
        self.transport: asyncio.Transport

    def _method(self) -> str:
        return self.exchange.request.head.method if self.exchange is not None else ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(WRITE_HIGH_WATER_BYTES)
        connected = transport.get_extra_info("socket")
        if self.pool.tls is None and connected is not None:
            self._descriptor = connected.fileno()
        self.pool.open.add(self)

    def was_spoken_to(self) -> bool:
        """Whether bytes that nobody asked for are here and not read yet: they would pass for the next answer."""
        return self._descriptor >= 0 and fcntl.ioctl(self._descriptor, termios.FIONREAD, _NO_BYTES) != _NO_BYTES

    def data_received(self, data: bytes) -> None:
        express, reader = self.express, self.reader
        if express is not None and reader.feed_whole(data, self._plain_heads):
            assert reader.head is not None
            express.complete_at_once(reader.head, reader.content)
        elif self.exchange is None:  # an answer that nobody asked for: the connection cannot be trusted any more
            self.transport.abort()
        else:
            self._read(self.exchange, data)

    def _read(self, exchange: UpstreamClient, data: bytes) -> None:
        reader = self.reader
        try:
            wire = reader.feed(data)
            while (head := reader.head) is not None and head.status < 200:
                exchange.interim(head)
                reader.next_message()
                wire = reader.feed(b"")
        except ProtocolError:
            exchange.garbled()
            return
        if head is None:
            return
        if reader.complete:
            exchange.complete(head, wire, reader.content, reader.truncated)
        else:
            exchange.part(head, wire)

    def eof_received(self) -> None:
        # Over TLS uvloop calls this for a closure alert only, not for a connection that just ends.
        self._said_goodbye = True

    def connection_lost(self, error: Exception | None) -> None:
        self.pool.open.discard(self)
        exchange, reader = self.exchange, self.reader
        if exchange is None:
            return
        ended = error is None and self._said_goodbye  # otherwise the answer may be cut short (RFC 9112, 9.8)
        if ended and reader.head is not None and reader.end():
            exchange.complete(reader.head, b"", reader.content, reader.truncated)
        else:
            exchange.upstream_lost()

    def pause_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.request_flow(stop=True)

    def resume_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.request_flow(stop=False)

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def set_reading(self, on: bool) -> None:
        set_reading(self.transport, on)

    def received(self) -> tuple[ResponseHead | None, bytes, bool]:
        return self.reader.head, self.reader.content, self.reader.truncated

    def release(self, *, reuse: bool) -> None:
        self.exchange = self.express = None
        if reuse and not self.reader.waiting_bytes and not self.transport.is_closing():
            self.reader.next_message()
            self.pool.give_back(self, self.pool.now_ns())
        else:
            self.transport.close()

    def abort(self) -> None:
        self.exchange = self.express = None
        self.transport.abort()


def set_reading(transport: asyncio.Transport, on: bool) -> None:
    """Resume or pause reading from a connection; does nothing if it is closing."""
    if not transport.is_closing() and transport.is_reading() != on:
        if on:
            transport.resume_reading()
        else:
            transport.pause_reading()


class UpstreamPool:
    """The connections to one node. The most recently used one is taken first."""

    def __init__(
        self,
        address: tuple[str, int],
        keep_bytes: int,
        loop: asyncio.AbstractEventLoop,
        now_ns: Callable[[], int],
        heads: HeadCache,
        tls: UpstreamTls | None = None,
        spawn: Callable[[Coroutine[Any, Any, None]], object] | None = None,
    ) -> None:
        """``keep_bytes``: most bytes of a body that are recorded. ``spawn`` runs a connecting as a task."""
        self.address = address
        self.heads = heads
        self.tls = tls
        self._keep_bytes = keep_bytes
        self._loop = loop
        self._spawn = spawn or loop.create_task
        self.now_ns = now_ns
        self._idle: list[UpstreamConnection] = []
        self.open: set[UpstreamConnection] = set()
        """All connections, idle or not."""

    def take(self, now_ns: int) -> UpstreamConnection | None:
        """Return an idle connection that is known to be usable at ``now_ns``, if there is one."""
        while self._idle:
            upstream = self._idle.pop()
            if upstream.transport.is_closing():
                continue
            idle_ns = now_ns - upstream.idle_since_ns
            if idle_ns <= IDLE_LIMIT_NS and (idle_ns < _LOOK_FROM_NS or not upstream.was_spoken_to()):
                return upstream
            upstream.transport.close()
        return None

    def connect_for(self, client: UpstreamClient) -> None:
        self._spawn(self._connect_for(client))

    async def _connect_for(self, client: UpstreamClient) -> None:
        try:
            upstream = await self.connect()
        except OSError as error:
            code = "ACKORD_UPSTREAM_TLS" if isinstance(error, TlsFailed) else "ACKORD_UPSTREAM_UNREACHABLE"
            client.unreachable(str(error) or type(error).__name__, code)
        except asyncio.CancelledError:  # the edge closes
            client.give_up("reset")
            raise
        else:
            client.connected(upstream)

    async def connect(self) -> UpstreamConnection:
        """Open a new connection. Raises ``OSError`` (``TimeoutError`` after five seconds, ``TlsFailed``)."""
        (host, port), tls = self.address, self.tls
        limit_s, secured = CONNECT_LIMIT_S, dict[str, Any]()
        if tls is not None:
            limit_s += HANDSHAKE_LIMIT_S
            secured = {"ssl": tls.context, "server_hostname": tls.name(host)}
            secured |= {"ssl_handshake_timeout": HANDSHAKE_LIMIT_S, "ssl_shutdown_timeout": SHUTDOWN_LIMIT_S}
        try:
            async with asyncio.timeout(limit_s):
                _, protocol = await self._loop.create_connection(self._upstream, host, port, **secured)
        except (ssl.SSLError, ConnectionResetError, ConnectionAbortedError) as error:
            if tls is None:
                raise
            raise tls.explain(error, host) from error
        return cast("UpstreamConnection", protocol)

    def _upstream(self) -> asyncio.Protocol:
        return cast("asyncio.Protocol", UpstreamConnection(self, self._keep_bytes))

    def give_back(self, upstream: UpstreamConnection, now_ns: int) -> None:
        """``upstream`` has finished its exchange at ``now_ns`` and can serve another."""
        upstream.exchange = upstream.express = None
        upstream.idle_since_ns = now_ns
        self._idle.append(upstream)

    def sweep(self) -> None:
        """Close the connections that were idle for too long."""
        limit_ns = self.now_ns() - IDLE_LIMIT_NS
        old = [upstream for upstream in self._idle if upstream.idle_since_ns < limit_ns]
        if old:
            self._idle = [upstream for upstream in self._idle if upstream.idle_since_ns >= limit_ns]
            for upstream in old:
                upstream.transport.close()

    def abort(self) -> None:
        self._idle.clear()
        for upstream in list(self.open):
            upstream.transport.abort()
