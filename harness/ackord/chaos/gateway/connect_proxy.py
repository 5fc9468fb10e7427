"""Serves an HTTP proxy (CONNECT) for clients whose provider's host is fixed: it leads that host alone into an edge.

    merchant ── CONNECT api.example.com:443 ──> 200 ── TLS with the edge's certificate for that host ──> the edge

Any other host is refused with 403 and a reason, and the run is told. It listens on loopback. A client has ten seconds
and 8 KiB for its request, and at most a hundred wait at once; what comes after counts as connections of the edge.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Collection
from typing import cast

from ...errors import UsageError
from .connect_host import authority
from .downstream import DownstreamConnection
from .proxy_state import ProxyState
from .tls import HANDSHAKE_LIMIT_S, SHUTDOWN_LIMIT_S

__all__ = ["ConnectConnection", "ConnectProxy"]

_HEAD_LIMIT_BYTES = 8192
_PATIENCE_S = 10.0
_MOST_WAITING = 100
_END = b"\r\n\r\n"


class ConnectProxy:
    """The proxy of one edge, and who it serves."""

    def __init__(
        self, state: ProxyState, hosts: Collection[str], context: ssl.SSLContext, now_ns: Callable[[], int]
    ) -> None:
        """``hosts``: which are led into the edge. ``context`` shows a certificate for all of them.

        Raises ``UsageError`` for what is no host.
        """
        self.state = state
        self.hosts = frozenset(authority(host) for host in hosts)
        self.context = context
        self.waiting: set[ConnectConnection] = set()
        self._now_ns = now_ns

    def tell(self, target: str, problem: str) -> None:
        """Tell the run that a client was refused."""
        where = self.state.settings.name
        said = {"event": "proxy-refused", "edge": where, "target": target, "problem": problem, "at_ns": self._now_ns()}
        self.state.records.add(json.dumps(said))

    def close(self) -> None:
        for waiting in list(self.waiting):
            waiting.transport.abort()


class ConnectConnection(asyncio.Protocol):
    """One client that has not been led anywhere yet."""

    transport: asyncio.Transport

    def __init__(self, proxy: ConnectProxy) -> None:
        self._proxy = proxy
        self._head = b""
        self._alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if len(self._proxy.waiting) >= _MOST_WAITING:
            self.transport.abort()
            return
        self._proxy.waiting.add(self)
        self._alarm = self._proxy.state.loop.call_later(_PATIENCE_S, self.transport.abort)

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        self._head += data
        head, ended, more = self._head.partition(_END)
        if not ended:
            if len(self._head) > _HEAD_LIMIT_BYTES:
                self._refuse(431, "", "the request's head is too long")
            return
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target = rest.partition(" ")[0]
        if method != "CONNECT":
            self._refuse(405, target, "this proxy takes CONNECT alone: address the provider by https")
        elif more:
            self._refuse(400, target, "bytes came before the tunnel was open")
        else:
            self._connect(target)

    def _connect(self, target: str) -> None:
        try:
            wanted = authority(target)
        except UsageError as problem:
            self._refuse(400, target, str(problem))
            return
        if wanted not in self._proxy.hosts:
            known = ", ".join(f"{host}:{port}" for host, port in sorted(self._proxy.hosts))
            self._refuse(
                403, target, f"this proxy leads to {known} alone, so that nothing else is disturbed or reached"
            )
            return
        self._leave()
        # What the client sends next is its handshake, which the next protocol has to get.
        self.transport.pause_reading()
        self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._proxy.state.spawn(self._lead_into_edge())

    async def _lead_into_edge(self) -> None:
        state, served = self._proxy.state, DownstreamConnection(self._proxy.state)
        try:
            secured = await state.loop.start_tls(
                self.transport,
                cast("asyncio.Protocol", served),
                self._proxy.context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_LIMIT_S,
                ssl_shutdown_timeout=SHUTDOWN_LIMIT_S,
            )
        except OSError:  # the client does not trust the certificate, or is gone
            self.transport.abort()
            return
        if secured is None:
            return
        served.connection_made(secured)

    def _refuse(self, status: int, target: str, problem: str) -> None:
        self._proxy.tell(target, problem)
        body = json.dumps({"code": "ACKORD_PROXY_REFUSED", "message": problem}).encode()
        lines = (
            f"HTTP/1.1 {status} Refused\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(lines.encode() + body)
        self.transport.close()

    def _leave(self) -> None:
        self._proxy.waiting.discard(self)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
