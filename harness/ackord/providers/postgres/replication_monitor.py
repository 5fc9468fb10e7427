"""Measure how far a copy of the primary is behind: positions in the write-ahead log, and probes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, ClassVar

import asyncpg

from ...core.clock import Clock

__all__ = ["STANDBY_LSN", "LagMonitor", "ReplicationMonitor"]

_PRIMARY_LSN = "SELECT (pg_current_wal_lsn() - '0/0')::bigint"
# A standby that was promoted is its own primary.
STANDBY_LSN = """
SELECT (CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
        ELSE pg_current_wal_lsn() END - '0/0')::bigint
"""
_REPLAY = """
SELECT pg_get_wal_replay_pause_state(), (coalesce(pg_last_wal_replay_lsn(), '0/0') - '0/0')::bigint,
       (coalesce(pg_last_wal_receive_lsn(), '0/0') - '0/0')::bigint
"""
_PROBE_PAUSE_S = 0.02


class LagMonitor:
    """Compare the primary and a copy over connections of its own, so that a starved service does not hide the lag."""

    replica: str
    """What the copy is called in events; empty for the standby."""
    position: ClassVar[str]
    """SQL for how far the copy is, asked there."""
    probe: ClassVar[str]
    """The table of the probe's marker; nobody else writes it."""

    def __init__(
        self, primary: dict[str, Any], copy: dict[str, Any], clock: Clock, emit: Callable[[dict[str, Any]], None]
    ) -> None:
        self._ends = (primary, copy)
        self._clock = clock
        self._emit = emit
        self._positions: list[Any] = []
        self._probing: list[Any] = []
        self._lock = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._probes = 0
        self.sampled_every_ms = 0.0

    async def open(self) -> None:
        self._positions = await self._connect()

    async def close(self) -> None:
        await self.sample(0)
        for connection in (*self._positions, *self._probing):
            with contextlib.suppress(Exception):
                connection.terminate()

    async def read(self) -> dict[str, int]:
        """Return both positions in bytes. The copy's is read first, so that it never seems to be ahead."""
        async with self._lock:
            copy = await self._positions[1].fetchval(self.position)
            primary = await self._positions[0].fetchval(_PRIMARY_LSN)
        return {"at_ns": self._clock.now_ns(), "primary_lsn": primary, "standby_lsn": copy}

    async def sample(self, every_ms: float) -> None:
        """Emit positions every ``every_ms`` milliseconds and what each probe measured; 0 stops it."""
        self.sampled_every_ms = every_ms
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if every_ms > 0:
            self._probing = self._probing or await self._connect()
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._follow(every_ms)), loop.create_task(self._probe(every_ms))]

    async def _follow(self, every_ms: float) -> None:
        while True:
            await self._tell()
            await asyncio.sleep(every_ms / 1000)

    async def _probe(self, every_ms: float) -> None:
        """Write a marker, wait until the copy shows it, and report how long that took.

        Both instants are the servers' own, on one machine's clock: a delay of this process does not count.
        """
        primary, copy = self._probing
        mark = f"UPDATE {self.probe} SET n = $1, written_at = clock_timestamp()"
        shown = f"SELECT n, (extract(epoch FROM clock_timestamp() - written_at) * 1000000000)::bigint FROM {self.probe}"
        while True:
            self._probes += 1
            await primary.execute(mark, self._probes)
            written_ns = self._clock.now_ns()
            while (seen := await copy.fetchrow(shown))[0] != self._probes:
                # Fine enough for a lag of 1 ms, and not a burden under one of seconds.
                waited_ns = self._clock.now_ns() - written_ns
                await asyncio.sleep(min(waited_ns / 1e9 / 30, _PROBE_PAUSE_S))
            await self._tell(probe_lag_ns=seen[1])
            await asyncio.sleep(max(every_ms / 1000, _PROBE_PAUSE_S))

    async def _tell(self, **probed: int) -> None:
        of = {"replica": self.replica} if self.replica else {}
        self._emit({"event": "replication", **of, **await self.read(), **probed})

    async def _connect(self) -> list[Any]:
        return list(await asyncio.gather(*(asyncpg.connect(**end) for end in self._ends)))


class ReplicationMonitor(LagMonitor):
    """Measure the standby, and hold it back on request."""

    replica = ""
    position = STANDBY_LSN
    probe = "probe"

    async def create_tables(self, schema: str) -> None:
        """Create the tables, in place of any there were, and wait until the standby has them too."""
        primary, standby = self._positions
        await primary.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {schema}")
        written = await primary.fetchval(_PRIMARY_LSN)
        while await standby.fetchval(STANDBY_LSN) < written:  # noqa: ASYNC110
            await asyncio.sleep(0.002)

    async def apply_delay(self, delay_ms: int) -> None:
        """Set ``recovery_min_apply_delay`` on the standby; return once the setting is in force there."""
        async with self._lock:
            standby = self._positions[1]
            await standby.execute(f"ALTER SYSTEM SET recovery_min_apply_delay = '{delay_ms:d}ms'")
            await standby.execute("SELECT pg_reload_conf()")
            # The reload reaches this session by a signal of its own; once it shows here, the startup process had its
            # signal too.
            shown = "SELECT setting::bigint FROM pg_settings WHERE name = 'recovery_min_apply_delay'"
            while await standby.fetchval(shown) != delay_ms:  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    async def replay(self, paused: bool) -> dict[str, Any]:
        """Let the standby stop applying what it receives, or apply again.

        Returns when the standby does so, with the state in PostgreSQL's words.
        """
        wanted = "paused" if paused else "not paused"
        async with self._lock:
            standby = self._positions[1]
            await standby.execute(f"SELECT pg_wal_replay_{'pause' if paused else 'resume'}()")
            while (shown := await standby.fetchrow(_REPLAY))[0] != wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        return {"state": shown[0], "standby_lsn": shown[1], "received_lsn": shown[2], "at_ns": self._clock.now_ns()}
