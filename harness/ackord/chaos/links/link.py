"""A link: one listening port that passes TCP connections on to a server, later, slower, or for a while not at all."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from ..timer import FineTimer
from .pipe import Connection, End
from .shaper import DOWNSTREAM, UPSTREAM, Shape

__all__ = ["Link"]

_CONNECT_LIMIT_S = 5.0


class Link:
    """A listening port in front of one server, and the connections through it."""

    def __init__(self, name: str, upstream: tuple[str, int], timer: FineTimer, now_ns: Callable[[], int]) -> None:
        self.name = name
        self.timer = timer
        self.now_ns = now_ns
        self.shape = Shape()
        self._upstream = upstream
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._accepted = 0
        self._delayed_chunks = 0
        self._passed_bytes = {DOWNSTREAM: 0, UPSTREAM: 0}
        self._connections: set[Connection] = set()
        self._waiting: list[Connection] = []
        """Accepted while the link was cut; they lead nowhere yet."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen on a free port of 127.0.0.1 and return it."""
        self._server = await self._loop.create_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def set_shape(self, shape: Shape) -> None:
        """Replace the whole shape: latency and bandwidth for bytes that arrive from now on, a cut at once."""
        self.shape = shape
        for connection in list(self._connections):
            connection.set_shape(shape)
        if not shape.cut:
            waiting, self._waiting = self._waiting, []
            for connection in waiting:
                self._spawn(connection)

    def stats(self) -> dict[str, int]:
        return {
            "downstream_bytes": self._passed_bytes[DOWNSTREAM],
            "upstream_bytes": self._passed_bytes[UPSTREAM],
            "connections": len(self._connections),
            "accepted": self._accepted,
            "delayed_chunks": self._delayed_chunks,
        }

    async def close(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    def passed(self, direction: str, size_bytes: int) -> None:
        self._passed_bytes[direction] += size_bytes

    def delayed(self) -> None:
        self._delayed_chunks += 1

    def _accept(self) -> End:
        return Connection(self, next(self._numbers), self._made, self._lost).near

    def _made(self, connection: Connection) -> None:
        self._accepted += 1
        self._connections.add(connection)
        if self.shape.cut:
            self._waiting.append(connection)
        else:
            self._spawn(connection)

    def _lost(self, connection: Connection) -> None:
        if connection.gone:
            self._connections.discard(connection)

    def _spawn(self, connection: Connection) -> None:
        task = self._loop.create_task(self._connect(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, connection: Connection) -> None:
        host, port = self._upstream
        try:
            async with asyncio.timeout(_CONNECT_LIMIT_S):
                await self._loop.create_connection(lambda: connection.far, host, port)
        except OSError:
            connection.abort()
            self._connections.discard(connection)
