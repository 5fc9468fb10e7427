"""Serves the merchant's side of the gateway: reads the requests of a connection and answers them in their order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from ...errors import UsageError
from .fast_path import FastPath
from .http1.framing import ProtocolError, request_message_reader
from .http1.head import RequestHead
from .proxied_exchange import ProxiedExchange
from .proxy_state import ProxyState
from .upstream import WRITE_HIGH_WATER_BYTES, set_reading

__all__ = ["IDLE_TICKS", "DownstreamConnection"]

_AHEAD_LIMIT_BYTES = 65_536
"""Most bytes that a merchant may send ahead of its current answer."""
_LINGER_S = 1.0
_POLITELY_REFUSED = 100
"""Number of connections over the limit that get an error answer; further ones are closed at once."""
IDLE_TICKS = 8
_NO_LINGER = struct.pack("ii", 1, 0)


class DownstreamConnection(asyncio.Protocol):
    """One connection from a merchant."""

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
        self.exchange: ProxiedExchange | FastPath | None = None
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
            self.refuse(503, "ACKORD_TOO_MANY_CONNECTIONS", problem, ["Retry-After: 1"])

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
        elif exchange is None:
            waiting = not self._finished and self._parked is None
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

    def answer(self, status: int, body: Any, headers: Sequence[str] = ()) -> None:
        """Answer the current exchange in the provider's stead: text unchanged, anything else as JSON."""
        exchange = self.exchange
        assert exchange is not None
        head = exchange.request.head
        close = not head.keep_alive or not exchange.whole
        self._respond(status, body, headers, head_only=head.method == "HEAD", close=close)
        self.answered(close=close)

    def _respond(self, status: int, body: Any, headers: Sequence[str], *, head_only: bool, close: bool) -> None:
        text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        content = text.encode("utf-8", "replace")
        try:
            reason = HTTPStatus(status).phrase
        except ValueError:
            reason = ""
        lines = [f"HTTP/1.1 {status} {reason}", "Content-Type: application/json", *headers]
        if status in (204, 304):
            content = b""
        else:
            lines.append(f"Content-Length: {len(content)}")
        if close:
            lines.append("Connection: close")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.write(head if head_only else head + content)

    def _garbled(self, problem: ProtocolError) -> None:
        if self.exchange is not None:
            self.exchange.request_garbled()
        self.refuse(problem.status, "ACKORD_BAD_REQUEST", str(problem))

    def refuse(self, status: int, code: str, problem: str, headers: Sequence[str] = ()) -> None:
        """Answer with an error, and close."""
        self._respond(status, {"code": code, "message": problem}, headers, head_only=False, close=True)
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

    def hang(self) -> None:
        """Stay silent until the merchant gives up, at most as long as a provider may take to finish."""
        self._edge.loop.call_later(self._edge.settings.finish_timeout_ms / 1000, self.transport.abort)

    def reset(self) -> None:
        """End the connection with a TCP reset, as a crashed peer would."""
        self.exchange = None
        raw: socket.socket | None = self.transport.get_extra_info("socket")
        if raw is not None and not self.transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
