"""An edge: one listening port in front of a provider's nodes, where faults of the edge happen and every exchange is recorded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..timer import FineTimer
from .merchant import IDLE_TICKS, Merchant
from .state import EdgeSettings, EdgeState
from .tls import HANDSHAKE_LIMIT_S, SHUTDOWN_LIMIT_S, merchant_tls

__all__ = ["Edge", "EdgeSettings"]

_SWEEP_S = 0.5
_BACKLOG = 4096
_CLOSE_LIMIT_MS = 200.0


class Edge:
    """One edge: its port, its rules, and its end."""

    def __init__(
        self, settings: EdgeSettings, emit: Callable[[bytes], None], timer: FineTimer, now_ns: Callable[[], int]
    ) -> None:
        """``emit`` takes records: lines of JSON. Raises ``UsageError`` for settings that make no sense."""
        self._state = EdgeState(settings, emit, timer, now_ns)
        self._tls: dict[str, Any] = {}
        if settings.merchant_tls is not None:
            self._tls = {
                "ssl": merchant_tls(settings.merchant_tls),
                "ssl_handshake_timeout": HANDSHAKE_LIMIT_S,
                "ssl_shutdown_timeout": SHUTDOWN_LIMIT_S,
            }
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._ticker: asyncio.TimerHandle | None = None

    async def open(self) -> int:
        """Listen on a free port of 127.0.0.1 and return it."""
        state = self._state
        self._server = await state.loop.create_server(
            lambda: Merchant(state), "127.0.0.1", 0, backlog=_BACKLOG, **self._tls
        )
        self._sweep()
        self._tick()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def set_rules(self, seed: int, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rules. Requests that have arrived keep their plan, but what a rule that is gone holds back is let go.

        Raises ``UsageError``, and then the old rules stay.
        """
        self._state.set_rules(seed, rules)

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
        state.recorder.flush()
        return not state.in_flight

    async def close(self) -> None:
        """Close the port and every connection; emit what is recorded."""
        state = self._state
        if self._server is not None:
            self._server.close()
        for timer in (self._sweeper, self._ticker):
            if timer is not None:
                timer.cancel()
        state.pauses.forget()
        for task in state.tasks:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        for merchant in list(state.merchants):
            merchant.transport.abort()
        for pool in state.pools.values():
            pool.abort()
        await self.drain(_CLOSE_LIMIT_MS)  # the aborted connections tell their exchanges

    def _sweep(self) -> None:
        for pool in self._state.pools.values():
            pool.sweep()
        self._sweeper = self._state.loop.call_later(_SWEEP_S, self._sweep)

    def _tick(self) -> None:
        """Let every merchant's connection look whether it is idle."""
        for merchant in list(self._state.merchants):
            merchant.tick()
        self._ticker = self._state.loop.call_later(self._state.settings.idle_timeout_ms / 1000 / IDLE_TICKS, self._tick)
