"""Measure how far a replica of somebody else's PostgreSQL is behind, without a table of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...core.clock import Clock
from .replication_monitor import STANDBY_LSN, LagMonitor

__all__ = ["LogMessageMonitor"]

_PROBE_PAUSE_S = 0.02


class LogMessageMonitor(LagMonitor):
    """Probe with a message in the write-ahead log (``pg_logical_emit_message``), which changes no data.

    A probe begins when the primary has committed the message, so the lag is never overestimated by the commit. That
    commit waits for no replica, also where the provider's own commits do: theirs hide the lag, and it is there.
    """

    position = STANDBY_LSN

    def __init__(
        self, primary: str, copy: str, replica: str, clock: Clock, emit: Callable[[dict[str, Any]], None]
    ) -> None:
        """``primary`` and ``copy`` are addresses (``postgresql://...``); ``replica`` is what events call the copy."""
        super().__init__({"dsn": primary}, {"dsn": copy}, clock, emit)
        self.replica = replica

    async def _probe(self, every_ms: float) -> None:
        primary, copy = self._probing
        message = "SELECT (pg_logical_emit_message(true, 'ackord', '') - '0/0')::bigint"
        await primary.execute("SET synchronous_commit = local")
        while True:
            written: int = await primary.fetchval(message)
            written_ns = self._clock.now_ns()
            while await copy.fetchval(self.position) < written:
                waited_ns = self._clock.now_ns() - written_ns
                await asyncio.sleep(min(waited_ns / 1e9 / 30, _PROBE_PAUSE_S))
            await self._tell(probe_lag_ns=self._clock.now_ns() - written_ns)
            await asyncio.sleep(max(every_ms / 1000, _PROBE_PAUSE_S))
