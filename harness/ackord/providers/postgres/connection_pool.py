"""Pools connections to a PostgreSQL server that can be exchanged without losing what runs."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, TypeAlias

import asyncpg

__all__ = ["UNREACHABLE_ERRORS", "ConnectionPool"]

UNREACHABLE_ERRORS = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What a statement raises while a server is dead, starting, or not yet promoted. It may have been executed."""

_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class ConnectionPool:
    """Opens connections to one server as needed, at most ``size``, and keeps them; further callers wait their turn.

    Twice as fast as asyncpg's own pool (README.md): no proxy object, no task for each release, no reset of the session.
    """

    def __init__(self, arguments: dict[str, Any], size: int, *, commit: str = "local", name: str = "") -> None:
        self._name = name
        self._room = size
        self._free: list[_Connection] = []
        self._generation = 0
        self._born: dict[_Connection, int] = {}
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._server, self._commit = arguments, commit

    def renew(self, server: dict[str, Any] | None = None, *, commit: str | None = None) -> None:
        """Use another server, or another ``synchronous_commit``, for all statements that begin from now on.

        Statements that run end on the connection on which they began; idle connections are dropped at once.
        """
        self._server = server or self._server
        self._commit = commit or self._commit
        self._generation += 1
        free, self._free = self._free, []
        for connection in free:
            self._drop(connection)
        self._wake()

    async def commits(self) -> str:
        """Return the ``synchronous_commit`` of a new session, as the server says; never waits for a turn."""
        connection = await self._connect()
        try:
            return str(await connection.fetchval("SHOW synchronous_commit"))
        finally:
            connection.terminate()

    async def warm(self, connections: int) -> None:
        taken = await asyncio.gather(*(self._take() for _ in range(connections)))
        for connection in taken:
            self._give_back(connection)

    async def row(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        connection = await self._take()
        try:
            return await connection.fetchrow(sql, *arguments)
        finally:
            self._give_back(connection)

    async def rows(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await self._take()
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            self._give_back(connection)

    async def _connect(self) -> _Connection:
        settings = {"synchronous_commit": self._commit, "application_name": f"ackord-{self._name}"}
        return await asyncpg.connect(**self._server, server_settings=settings)

    async def _take(self) -> _Connection:
        while True:
            if self._free:
                return self._free.pop()
            if self._room > 0:
                self._room -= 1
                generation = self._generation
                try:
                    connection = await self._connect()
                except BaseException:
                    self._room += 1
                    self._wake()
                    raise
                self._born[connection] = generation
                return connection
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise

    def _give_back(self, connection: _Connection) -> None:
        if connection.is_closed() or self._born[connection] != self._generation:
            self._drop(connection)
        else:
            self._free.append(connection)
        self._wake()

    def _drop(self, connection: _Connection) -> None:
        del self._born[connection]
        connection.terminate()
        self._room += 1

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
