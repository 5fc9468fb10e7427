"""Serves the merchant's side of the gateway: reads the requests of a connection and answers them in their order."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Callable
from typing import cast

from ...core.clock import MS
from ...errors import UsageError
from ..faults.edge_actions import response_of
from .fast_path import FastPath
from .http1.framing import ProtocolError, request_message_reader
from .http1.head import RequestHead
from .proxied_exchange import ProxiedExchange
from .proxy_state import ProxyState
from .synthetic_responses import wire_bytes
from .upstream import WRITE_HIGH_WATER_BYTES, set_reading

__all__ = ["IDLE_TICKS", "DownstreamConnection"]

_AHEAD_LIMIT_BYTES = 65_536
"""Most bytes that a merchant may send ahead of its current answer."""
_LINGER_S = 1.0
_POLITELY_REFUSED = 100
"""Number of connections over the limit that get an error answer; further ones are closed at once."""
IDLE_TICKS = 8
_NO_LINGER = struct.pack("ii", 1, 0)
_FLUSH_NS = 2 * MS
"""Until the event loop has written what it was given: a reset drops what is not written yet."""
_NEXT_OP = re.compile(rb"\r\nackord-op:[ \t]*(\d{1,15})", re.IGNORECASE)


class DownstreamConnection:
    """One connection from a merchant: an ``asyncio.Protocol``, without that base.

    A class is compiled to one whose attributes are fields only if its bases are; with that base they are looked up by
    name at each request.
    """

    __slots__ = (
        "_blocked",
        "_edge",
        "_express",
        "_finished",
        "_held",
        "_parked",
        "_quiet",
        "_told_to_continue",
        "_unread_bytes",
        "exchange",
        "reader",
        "transport",
    )

    def __init__(self, edge: ProxyState) -> None:
        self._edge = edge
        self._express = FastPath(edge, self)
        self.exchange: ProxiedExchange | None = None
        self.reader = request_message_reader(edge.settings.record_body_bytes, edge.heads.request)
        self._held = bytearray()
        self._told_to_continue = False
        self._finished = False
        """Whether reading has ended."""
        self._parked: tuple[RequestHead, bytes, bool] | None = None
        """A request that waits until records are read again."""
        self._quiet = 0
        """Number of ticks in a row at which the merchant was awaited and nothing moved."""
        self._blocked = False
        """Whether the merchant reads its answer too slowly."""
        self._unread_bytes = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(WRITE_HIGH_WATER_BYTES)
        others, most = len(self._edge.merchants), self._edge.settings.max_connections
        self._edge.merchants.add(self)
        if others >= most + _POLITELY_REFUSED:
            self.transport.abort()
        elif others >= most:
            problem = f"{most} connections are open, and no more are allowed (max_connections)"
            self.refuse(503, "ACKORD_TOO_MANY_CONNECTIONS", problem, ("retry-after", "1"))

    def data_received(self, data: bytes) -> None:
        if self._finished:
            return
        self._quiet = 0
        reader = self.reader
        if reader.feed_whole(data, self._edge.heads.requests):
            assert reader.head is not None
            self._begin(reader.head, reader.content, whole=True)
            return
        try:
            piece = reader.feed(data)
        except ProtocolError as problem:
            self._garbled(problem)
            return
        exchange = self.exchange
        if exchange is None:
            self._collect(piece)
        elif not exchange.whole:
            exchange.request_data(piece, reader.content, whole=reader.complete)
        elif reader.waiting_bytes > _AHEAD_LIMIT_BYTES:
            set_reading(self.transport, False)

    def connection_lost(self, error: Exception | None) -> None:
        self._edge.merchants.discard(self)
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.merchant_lost("timeout" if error is None else "reset")

    def eof_received(self) -> None:
        """Let the transport close: a merchant that stops sending is taken for one that has left."""

    def pause_writing(self) -> None:
        self._blocked = True
        if self.exchange is not None:
            self.exchange.answer_flow(stop=True)

    def resume_writing(self) -> None:
        self._blocked = False
        if self.exchange is not None:
            self.exchange.answer_flow(stop=False)

    def tick(self) -> None:
        """Check for idleness every eighth of the idle time-out.

        Closes the connection if at ``IDLE_TICKS`` checks in a row the merchant was awaited and nothing moved.
        """
        exchange = self.exchange
        if self._blocked:
            unread_bytes, self._unread_bytes = self._unread_bytes, self.transport.get_write_buffer_size()
            waiting = self._unread_bytes == unread_bytes
        elif self._finished:
            waiting = False
        elif exchange is None:
            waiting = self._parked is None
        else:
            waiting = not exchange.whole and self.transport.is_reading()
        self._quiet = self._quiet + 1 if waiting else 0
        if self._quiet >= IDLE_TICKS:
            self._idle()

    def _idle(self) -> None:
        if self._blocked:
            self.transport.abort()
        elif self.reader.head is None and not self.reader.waiting_bytes:
            self.transport.close()
        else:
            if self.exchange is not None:
                self.exchange.merchant_lost("timeout")
            idle_ms = self._edge.settings.idle_timeout_ms
            self.refuse(408, "ACKORD_REQUEST_TIMEOUT", f"nothing of the rest of this request came for {idle_ms:g} ms")

    def _collect(self, piece: bytes) -> None:
        """Buffer a request until it is whole or too large to buffer."""
        reader = self.reader
        head = reader.head
        if head is None:
            return
        if reader.complete:
            if self._held:
                piece = bytes(self._held + piece)
                self._held = bytearray()
            self._begin(head, piece, whole=True)
            return
        self._held += piece
        if head.expects_continue and not self._told_to_continue:
            # To the merchant the gateway is the origin server (RFC 9110, 3.7), and every fault needs the whole request.
            self._told_to_continue = True
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if len(self._held) > self._edge.settings.max_held_bytes:
            piece = bytes(self._held)
            self._held = bytearray()
            self._begin(head, piece, whole=False)

    def _begin(self, head: RequestHead, body: bytes, *, whole: bool) -> None:
        if self._edge.congested:
            self._parked = (head, body, whole)
            set_reading(self.transport, False)
            return
        try:
            request = self._edge.request(head, body, self.reader.content)
        except UsageError as problem:
            self.refuse(400, "ACKORD_BAD_HEADER", str(problem))
            return
        if whole and self._express.send(request):
            self.exchange = self._express
            return
        exchange = self.exchange = ProxiedExchange(self._edge, self, request, whole=whole)
        exchange.start()

    def resume(self) -> None:
        """Allow requests to begin again."""
        parked, self._parked = self._parked, None
        if parked is not None and not self.transport.is_closing():
            head, body, whole = parked
            set_reading(self.transport, True)
            self._begin(head, body, whole=whole)

    def answered(self, *, close: bool) -> None:
        """Called when the current exchange is answered: go on with the next request."""
        self.exchange = None
        if close:
            if self.reader.complete:
                self.transport.close()
            else:  # answered before all of the request was there
                self._linger()
            return
        self.reader.next_message()
        self._told_to_continue = False
        if self.reader.waiting_bytes:
            # Not at once: a thousand pipelined requests answered by the gateway itself would nest a thousand deep.
            self._edge.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self.exchange is None and not self.transport.is_closing():
            set_reading(self.transport, True)
            self.data_received(b"")

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def _garbled(self, problem: ProtocolError) -> None:
        if self.exchange is not None:
            self.exchange.give_up("reset")
        self.refuse(problem.status, "ACKORD_BAD_REQUEST", str(problem))

    def refuse(self, status: int, code: str, problem: str, *headers: tuple[str, str]) -> None:
        """Answer with an error, and close."""
        response = response_of(status, {"code": code, "message": problem})
        response = response._replace(headers=response.headers + headers)
        self.write(wire_bytes(response, head_only=False, close=True))
        self._linger()

    def _linger(self) -> None:
        """Close after the merchant has had time to read what was written.

        Data that the merchant still sends would otherwise cause a reset (RFC 9112, 9.6).
        """
        self._finished = True
        if not self.transport.is_closing():
            if self.transport.can_write_eof():
                with contextlib.suppress(OSError, RuntimeError):  # the merchant's side is gone already
                    self.transport.write_eof()
            set_reading(self.transport, True)
            self._edge.loop.call_later(_LINGER_S, self.transport.close)

    @property
    def gone(self) -> bool:
        return self.transport.is_closing()

    @property
    def is_ahead(self) -> bool:
        return bool(self.reader.waiting_bytes)

    def set_reading(self, on: bool) -> None:
        set_reading(self.transport, on)

    def hang(self) -> None:
        """Stay silent until the merchant gives up, at most as long as a provider may take to finish."""
        self._edge.loop.call_later(self._edge.settings.finish_timeout_ms / 1000, self.transport.abort)

    def reset(self) -> None:
        """End the connection with a TCP reset, as a crashed peer would."""
        self.exchange = None
        reset(self.transport)

    def reset_soon(self) -> None:
        self._edge.timer.call_at(self._edge.now_ns() + _FLUSH_NS, self.reset)

    def reset_on_next(self, told: Callable[[int], None]) -> None:
        self.transport.set_protocol(ResetOnNextData(self, told))


class ResetOnNextData(asyncio.Protocol):
    """Resets a merchant's connection as soon as data arrives on it, as if the server had closed it while idle."""

    def __init__(self, before: DownstreamConnection, on_reset: Callable[[int], None]) -> None:
        """``on_reset`` gets the number of the operation that the data belongs to; 0: it has none."""
        self._on_reset = on_reset
        self._before = before

    def data_received(self, data: bytes) -> None:
        found = _NEXT_OP.search(data)
        self._on_reset(int(found[1]) if found else 0)
        reset(self._before.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._before.connection_lost(error)


def reset(transport: asyncio.Transport) -> None:
    """End a connection with a TCP reset, as a crashed peer would."""
    raw: socket.socket | None = transport.get_extra_info("socket")
    if raw is not None and not transport.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
