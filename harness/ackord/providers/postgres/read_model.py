"""Feed a read model: a database of its own with a copy of the orders, kept by logical replication of that one table.

Real providers answer from a search index or a reporting table in this way. The read model has a link of its own, so it
can be behind while the standby is level. It lies on the primary's server, which spares a third server. Its replication
slot is made by hand there: within one server a subscription that makes its own slot waits for itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg

from ...core.clock import Clock
from ...errors import EnvironmentFailed
from .database_servers import DatabaseBackend
from .replication_monitor import LagMonitor

__all__ = ["READ_MODEL", "ReadModel"]

READ_MODEL = "read_model"
"""The database of the read model, which is on the primary's server."""

# The database, the publication, the slot and the subscription have one name, READ_MODEL.
_PATIENCE_S = 15.0
_MARKER = """CREATE TABLE marker (id int PRIMARY KEY, n bigint NOT NULL, written_at timestamptz NOT NULL);
INSERT INTO marker VALUES (1, 0, now());"""
_SLOT = f"FROM pg_replication_slots WHERE slot_name = '{READ_MODEL}'"
_BEHIND = f"SELECT confirmed_flush_lsn < $1::text::pg_lsn {_SLOT}"


class _ReadModelMonitor(LagMonitor):
    replica = "read-model"
    position = f"SELECT (coalesce((SELECT confirmed_flush_lsn {_SLOT}), '0/0') - '0/0')::bigint"
    probe = "marker"


class ReadModel:
    """Hold no read model until ``found`` and none after ``end``. Each variant that wants one gets an empty one."""

    def __init__(self, clock: Clock, emit: Callable[[dict[str, Any]], None]) -> None:
        self._clock = clock
        self._emit = emit
        self._watch: _ReadModelMonitor | None = None
        self._primary: dict[str, Any] = {}

    @property
    def _copy(self) -> dict[str, Any]:
        return {**self._primary, "database": READ_MODEL}

    async def found(self, servers: DatabaseBackend, tables: str) -> None:
        """Create it, and return when its feed has reached the primary's position.

        The subscription dials ``servers.read_model_port`` on this machine; a chaos link may sit there. Raises
        ``UsageError`` where the servers cannot have a read model, and ``EnvironmentFailed``.
        """
        servers.check(read_model=True)
        self._primary = servers.primary
        dialled = {**self._primary, "host": "127.0.0.1", "port": servers.read_model_port}
        conninfo = " ".join(f"{name}={dialled[name]}" for name in ("host", "port", "user", "password"))
        async with _connected(self._primary) as source:
            await source.execute(f"CREATE DATABASE {READ_MODEL} TEMPLATE template0")
            await source.execute(f"{_MARKER} CREATE PUBLICATION {READ_MODEL} FOR TABLE orders, marker")
            await source.execute(f"SELECT pg_create_logical_replication_slot('{READ_MODEL}', 'pgoutput')")
            async with _connected(self._copy) as copy:
                await copy.execute(f"{tables} {_MARKER}")
                # Local commits, because what is applied is only confirmed once it is flushed.
                await copy.execute(
                    f"CREATE SUBSCRIPTION {READ_MODEL} CONNECTION '{conninfo} dbname={self._primary['database']}' "
                    f"PUBLICATION {READ_MODEL} "
                    f"WITH (create_slot = false, slot_name = '{READ_MODEL}', copy_data = false, synchronous_commit = "
                    f"local)"
                )
            written = await source.fetchval("SELECT pg_current_wal_lsn()::text")
            await _until_not(source, _BEHIND, written, what="the read model is not fed")
        self._watch = _ReadModelMonitor(self._primary, self._copy, self._clock, self._emit)
        await self._watch.open()

    async def sample(self, every_ms: float) -> None:
        """Sample it as ``LagMonitor.sample`` does; do nothing where there is none."""
        if self._watch is not None:
            await self._watch.sample(every_ms)

    async def leave(self) -> None:
        """Stop observing it, because its server ends."""
        watch, self._watch = self._watch, None
        if watch is not None:
            await watch.close()

    async def end(self) -> None:
        """Remove all of it: a slot that stays would keep the primary's whole log. Works under a cut link too."""
        if self._watch is None:
            return
        await self.leave()
        async with _connected(self._copy) as copy:
            await copy.execute(f"ALTER SUBSCRIPTION {READ_MODEL} DISABLE")
            await copy.execute(f"ALTER SUBSCRIPTION {READ_MODEL} SET (slot_name = NONE)")
            await copy.execute(f"DROP SUBSCRIPTION {READ_MODEL}")
        async with _connected(self._primary) as source:
            # Whoever serves the slot may never hear that the other side is gone.
            await source.execute(f"SELECT pg_terminate_backend(active_pid) {_SLOT} AND active")
            await _until_not(source, f"SELECT active {_SLOT}", what="the slot of the read model is still in use")
            await source.execute(f"SELECT pg_drop_replication_slot('{READ_MODEL}')")
            await source.execute(f"DROP PUBLICATION {READ_MODEL}")
            await source.execute(f"DROP DATABASE {READ_MODEL} WITH (FORCE)")


@contextlib.asynccontextmanager
async def _connected(arguments: dict[str, Any]) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(**arguments)
    try:
        yield connection
    finally:
        connection.terminate()


async def _until_not(server: asyncpg.Connection[asyncpg.Record], sql: str, *arguments: str, what: str) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while await server.fetchval(sql, *arguments):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise EnvironmentFailed(f"{what} after {_PATIENCE_S:g} s; the primary's log says why") from None
