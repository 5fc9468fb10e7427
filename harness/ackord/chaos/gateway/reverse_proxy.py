"""Runs an edge: one listening port in front of a provider's nodes, which injects faults and records every exchange."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ...errors import EnvironmentFailed
from ...host import child_process
from ...host.open_files import allow_open_files
from ..timing.timer import FineTimer
from .connect_proxy import ConnectConnection, ConnectProxy
from .downstream import IDLE_TICKS, DownstreamConnection
from .edge_state import ProxySettings
from .proxy_state import ProxyState
from .tls import HANDSHAKE_LIMIT_S, SHUTDOWN_LIMIT_S, downstream_tls

__all__ = ["ProxySettings", "ReverseProxy"]

_SWEEP_S = 0.5
_BACKLOG = 4096
_CLOSE_LIMIT_MS = 200.0
_OTHER_FILES = 512
_BACKLOG_LIMIT_BYTES = 32 << 20
"""Limit of the records not yet read by the parent.

Beyond it no new exchange begins: merchants wait, no record is lost, and memory is bounded.
"""
_LOOK_AGAIN_S = 0.01


class ReverseProxy:
    """One edge: its port, its rules, and its end."""

    def __init__(
        self,
        settings: ProxySettings,
        emit: Callable[[bytes], None],
        timer: FineTimer,
        now_ns: Callable[[], int],
        backlog_bytes: Callable[[], int] = child_process.backlog_bytes,
    ) -> None:
        """``emit`` takes batches of records; ``backlog_bytes`` tells how much of them nobody has taken yet.

        Raises ``UsageError`` for settings that make no sense.
        """
        self._send = emit
        self._backlog_bytes = backlog_bytes
        self._state = ProxyState(settings, self._emit, timer, now_ns)
        self._tls = {} if settings.merchant_tls is None else _tls_options(settings.merchant_tls)
        self._server: asyncio.Server | None = None
        self._doors: list[asyncio.Server] = []
        """Further ports of this edge."""
        self._proxies: list[ConnectProxy] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._waiter: asyncio.TimerHandle | None = None

    async def open(self) -> int:
        """Listen on 127.0.0.1 and return the port. Raises ``EnvironmentFailed`` for one that is taken."""
        state = self._state
        allow_open_files(2 * state.settings.max_connections + _OTHER_FILES)
        wanted = state.settings.port
        self._server = await _listen(state.loop, self._connection, wanted, **self._tls)
        self._sweep()
        self._tick()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def open_tls(self, port: int, merchant_tls: Mapping[str, Any]) -> int:
        """Listen on one more port, for merchants that speak TLS; return it.

        Raises ``UsageError`` for a certificate that cannot be used, ``EnvironmentFailed`` for a port that is taken.
        """
        return await self._open_door(self._connection, port, **_tls_options(merchant_tls))

    async def open_connect_proxy(self, port: int, hosts: Sequence[str], merchant_tls: Mapping[str, Any]) -> int:
        """Listen as an HTTP proxy that leads ``hosts`` into this edge; return the port. Raises as ``open_tls`` does."""
        proxy = ConnectProxy(self._state, hosts, downstream_tls(merchant_tls), self._state.now_ns)
        self._proxies.append(proxy)
        return await self._open_door(lambda: ConnectConnection(proxy), port)

    def _connection(self) -> asyncio.Protocol:
        return cast("asyncio.Protocol", DownstreamConnection(self._state))

    async def _open_door(self, protocol: Callable[[], asyncio.Protocol], wanted: int, **settings: Any) -> int:
        server = await _listen(self._state.loop, protocol, wanted, **settings)
        self._doors.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def set_rules(self, seed: int, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rules. Requests that have arrived keep their faults; what a removed rule holds back is released.

        Raises ``UsageError`` for an invalid rule, and then keeps the old rules.
        """
        self._state.set_rules(seed, rules)

    def show_not_found(self, example: Mapping[str, Any]) -> None:
        """Take the provider's genuine answer about an order that is not there, see ``ProviderWords.show_not_found``.

        Without a contract nothing comes of it.
        """
        if self._state.words is not None:
            self._state.words.show_not_found(example)

    def forget_orders(self) -> None:
        """Forget every order and answer, because the provider has no orders any more."""
        self._state.memory.forget()
        self._state.awaited.forget()
        if self._state.recognition is not None:
            self._state.recognition.forget()

    def called_back(self, order: str, ordinal: int, *, end: bool) -> None:
        """A callback about an order has reached the merchant. ``ordinal``: the order's own, in a run of ours; or 0.
        ``end``: it told how the order ended.
        """
        for key in (order, ordinal):
            if key:
                self._state.awaited.called(key, end=end)

    def flush(self) -> None:
        """Emit what was recorded so far."""
        self._state.records.flush()

    @property
    def in_flight(self) -> int:
        return self._state.in_flight

    async def drain(self, limit_ms: float) -> bool:
        """Wait until no exchange is in flight, at most ``limit_ms``; emit all records; return whether it is so."""
        state = self._state
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_ms / 1000):
                while state.in_flight:
                    state.idle.clear()
                    await state.idle.wait()
        state.records.flush()
        return not state.in_flight

    async def close(self) -> None:
        """Close the port and every connection; emit what is recorded."""
        state = self._state
        for server in (self._server, *self._doors):
            if server is not None:
                server.close()
        for proxy in self._proxies:
            proxy.close()
        for timer in (self._sweeper, self._ticker, self._waiter):
            if timer is not None:
                timer.cancel()
        state.pauses.forget()
        for task in state.tasks:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        for merchant in list(state.merchants):
            merchant.transport.abort()
        for pool in state.nodes.values():
            pool.abort()
        await self.drain(_CLOSE_LIMIT_MS)  # the aborted connections tell their exchanges

    def _emit(self, records: bytes) -> None:
        self._send(records)
        if not self._state.congested and self._backlog_bytes() > _BACKLOG_LIMIT_BYTES:
            self._state.congested = True
            self._look_again()

    def _look_again(self) -> None:
        """Let exchanges begin again when half of the records that wait are taken."""
        state = self._state
        if self._backlog_bytes() > _BACKLOG_LIMIT_BYTES // 2:
            self._waiter = state.loop.call_later(_LOOK_AGAIN_S, self._look_again)
            return
        state.congested = False
        for merchant in list(state.merchants):
            merchant.resume()

    def _sweep(self) -> None:
        for pool in self._state.nodes.values():
            pool.sweep()
        self._sweeper = self._state.loop.call_later(_SWEEP_S, self._sweep)

    def _tick(self) -> None:
        """Make every merchant's connection check whether it is idle."""
        # Armed first: whatever one connection raises, the others are looked at again.
        self._ticker = self._state.loop.call_later(self._state.settings.idle_timeout_ms / 1000 / IDLE_TICKS, self._tick)
        for merchant in list(self._state.merchants):
            merchant.tick()


def _tls_options(merchant_tls: Mapping[str, Any]) -> dict[str, Any]:
    limits = {"ssl_handshake_timeout": HANDSHAKE_LIMIT_S, "ssl_shutdown_timeout": SHUTDOWN_LIMIT_S}
    return {"ssl": downstream_tls(merchant_tls), **limits}


async def _listen(
    loop: asyncio.AbstractEventLoop, protocol: Callable[[], asyncio.Protocol], wanted: int, **settings: Any
) -> asyncio.Server:
    """Listen on loopback. Raises ``EnvironmentFailed`` for a port that is taken."""
    try:
        return await loop.create_server(protocol, "127.0.0.1", wanted, backlog=_BACKLOG, **settings)
    except OSError as error:
        raise EnvironmentFailed(
            f"the gateway cannot listen on 127.0.0.1:{wanted}: {error.strerror or error}.\n"
            "  mend: choose another --port"
        ) from None
