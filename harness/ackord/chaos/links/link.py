"""Implements a link: a listening port that passes TCP connections on to a server under toxics, or interrupts them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator, Sequence

from ...core.seed import Seed
from ...host.open_files import allow_open_files
from ..timing.timer import FineTimer
from .connection_end import ConnectionEnd
from .kinds import DownToxic
from .kinds.base import DOWNSTREAM, UPSTREAM, Toxic, refuse_same_names
from .listening import bound_socket
from .pipe import Connection

__all__ = ["Link"]

_BACKLOG = 4096
_OTHER_FILES = 64
"""How many files connections leave to the rest of the process, such as the interface that can end them."""


def _nobody_asks(client: str, error: Exception) -> None:
    pass


class Link:
    """A listening port in front of one server, and the connections through it."""

    def __init__(
        self,
        name: str,
        upstream: Callable[[], tuple[str, int]],
        timer: FineTimer,
        now_ns: Callable[[], int],
        seed: int = 0,
        *,
        numbers: Iterator[int] | None = None,
        unreachable: Callable[[str, Exception], None] = _nobody_asks,
    ) -> None:
        """``upstream`` is asked for the server's host and port at each connection; if it raises, the connection ends.

        ``numbers``: the ordinals of the connections, from 1 by default; whoever opens a link of the same name again
        passes those of the first, or the draws begin again. ``unreachable`` is told the address of a client whose
        server could not be reached, and why.
        """
        self.name = name
        self.timer = timer
        self.now_ns = now_ns
        self.seed = Seed(seed)
        self.cut = False
        self.toxics: tuple[Toxic, ...] = ()
        self.address: tuple[str, int] | None = None
        """Where it listens, or will again; ``None``: it has not been opened."""
        self.passed_bytes = {DOWNSTREAM: 0, UPSTREAM: 0}
        self.received_bytes = {DOWNSTREAM: 0, UPSTREAM: 0}
        self._upstream = upstream
        self._unreachable = unreachable
        self._last_file = sys.maxsize
        """The descriptor from which on connections are refused."""
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1) if numbers is None else numbers
        self._accepted = 0
        self._delayed_chunks = 0
        self._dropped_bytes = 0
        self._closed_by_toxic = 0
        self._connections: set[Connection] = set()
        self._waiting: list[Connection] = []
        """Connections accepted while the link was cut; not yet connected to the server."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self._placeholder: socket.socket | None = None
        """Keeps the port from being assigned to others while the link is down."""

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def open(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen, by default on a free port of 127.0.0.1, and return the port. ``host`` is numeric; ``0.0.0.0`` and
        ``::`` are every address of the machine, of IPv6 too. Raises ``OSError``.
        """
        most_files = allow_open_files()
        self._last_file = most_files - _OTHER_FILES if most_files != resource.RLIM_INFINITY else sys.maxsize
        self._let_go_of_the_port()
        listener = bound_socket(host, port)
        try:
            self._server = await self._loop.create_server(self._accept, sock=listener, backlog=_BACKLOG)
        except BaseException:
            listener.close()
            raise
        self.address = listener.getsockname()[:2]
        return self.address[1]

    async def shut(self) -> None:
        """Stop listening and drop every connection, but keep the port reserved. ``open(*address)`` undoes it."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        await self._drop_connections()
        assert self.address is not None
        for _ in range(20):  # the loop closes the listening socket in one of its next rounds
            with contextlib.suppress(OSError):
                self._placeholder = bound_socket(*self.address)
                return
            await asyncio.sleep(0)

    async def set_toxics(self, toxics: Sequence[Toxic], seed: int | None = None) -> None:
        """Replace all toxics at once; unchanged ones are not disturbed. ``seed`` is used by all later draws."""
        refuse_same_names(self.name, toxics)
        if seed is not None and seed != self.seed.value:
            self.seed = Seed(seed)
        self.toxics = tuple(toxics)
        for connection in list(self._connections):
            connection.refresh()
        async with self._opening:
            # Read again, because another call may have replaced the toxics while this one waited.
            down = any(isinstance(toxic, DownToxic) for toxic in self.toxics)
            if down:
                await self.shut()
            elif not self.is_open and self.address is not None:
                await self.open(*self.address)

    def set_cut(self, cut: bool) -> None:
        """Block all bytes and ends of connections in both directions without loss. Toxiproxy has no equivalent."""
        self.cut = cut
        for connection in list(self._connections):
            connection.refresh()
        if not cut:
            waiting, self._waiting = self._waiting, []
            for connection in waiting:
                self._spawn(connection)

    def stats(self) -> dict[str, int]:
        return {
            "downstream_bytes": self.passed_bytes[DOWNSTREAM],
            "upstream_bytes": self.passed_bytes[UPSTREAM],
            "connections": len(self._connections),
            "accepted": self._accepted,
            "delayed_chunks": self._delayed_chunks,
            "dropped_bytes": self._dropped_bytes,
            "closed_by_toxic": self._closed_by_toxic,
        }

    async def close(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._let_go_of_the_port()
        await self._drop_connections()

    def toxics_of(self, stream: str, connection: int) -> Sequence[Toxic]:
        toxics = self.toxics
        if not toxics:
            return ()
        return [t for t in toxics if t.stream == stream and t.hits(self.seed, self.name, connection)]

    def received(self, stream: str, size_bytes: int) -> None:
        self.received_bytes[stream] += size_bytes

    def passed(self, stream: str, size_bytes: int) -> None:
        self.passed_bytes[stream] += size_bytes

    def held_back(self, delayed_chunks: int, dropped_bytes: int) -> None:
        self._delayed_chunks += delayed_chunks
        self._dropped_bytes += dropped_bytes

    def closed_by_toxic(self) -> None:
        self._closed_by_toxic += 1

    async def _drop_connections(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._waiting.clear()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    def _let_go_of_the_port(self) -> None:
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None

    def _accept(self) -> ConnectionEnd:
        return Connection(self, next(self._numbers), self._made, self._lost).near

    def _made(self, connection: Connection) -> None:
        if self._server is None:
            connection.abort()  # it was in the queue when the port was closed
            return
        if connection.file >= self._last_file:  # the lowest free one is given out, so those below are in use
            self._unreachable(connection.client, OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
            connection.abort()
            return
        self._accepted += 1
        self._connections.add(connection)
        if self.cut:
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
        """Connect to the server, however long that takes: as without a link, the kernel decides when to give up."""
        try:
            host, port = self._upstream()
            await self._loop.create_connection(lambda: connection.far, host, port)
        except Exception as error:  # whatever it is, a client that nobody serves must not wait for ever
            self._unreachable(connection.client, error)
            connection.abort()
            self._connections.discard(connection)
