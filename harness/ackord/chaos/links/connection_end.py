"""Implements one end of a connection through a link: a socket that two pipes read from and write to."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from typing import Protocol, cast

__all__ = ["ConnectionEnd"]

_WRITE_HIGH_WATER_BYTES = 262_144
_TURN_BYTES = 131_072
"""A read of so many bytes and more is one connection's turn in a round of the loop: libuv would read on, up to 32 times
256 kB, while all others, and Toxiproxy's interface, wait.
"""
_NO_LINGER = struct.pack("ii", 1, 0)


class BytePipe(Protocol):
    """The pipe's interface to the ends of a connection."""

    finished: bool

    def put(self, data: bytes) -> None: ...

    def put_end(self) -> None: ...

    def set_blocked(self, blocked: bool) -> None: ...

    def target_lost(self) -> None: ...


class EndedConnection(Protocol):
    """The connection's interface to its ends."""

    torn: bool

    def lost(self) -> None: ...


class ConnectionEnd(asyncio.Protocol):
    """One end of a connection. Bytes that arrive here leave through ``pipe``; bytes that leave here come from
    ``feeder``.
    """

    __slots__ = ("_connection", "_loop", "_made", "_resting", "_wants", "feeder", "pipe", "transport")
    pipe: BytePipe
    feeder: BytePipe

    def __init__(self, connection: EndedConnection, loop: asyncio.AbstractEventLoop, made: Callable[[], None]) -> None:
        self._connection = connection
        self._loop = loop
        self._made = made
        self._resting = False
        """Whether it reads on only in the loop's next round."""
        self._wants = True
        """Whether the pipe takes more."""
        self.transport: asyncio.Transport | None = None

    @property
    def gone(self) -> bool:
        return self.transport is not None and self.transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(_WRITE_HIGH_WATER_BYTES)
        self._made()

    def data_received(self, data: bytes) -> None:
        self.pipe.put(data)
        if len(data) >= _TURN_BYTES and not self._resting:
            self._resting = True
            self._loop.call_soon(self._rested)
            self._set_reading()

    def eof_received(self) -> bool:
        self.pipe.put_end()
        return True  # the other direction may go on

    def connection_lost(self, error: Exception | None) -> None:
        self.pipe.put_end()
        self.feeder.target_lost()
        self._connection.lost()

    def pause_writing(self) -> None:
        self.feeder.set_blocked(True)

    def resume_writing(self) -> None:
        self.feeder.set_blocked(False)

    def set_reading(self, on: bool) -> None:
        """Record whether the pipe takes more."""
        self._wants = on
        self._set_reading()

    def _rested(self) -> None:
        self._resting = False
        self._set_reading()

    def _set_reading(self) -> None:
        on = self._wants and not self._resting
        transport = self.transport
        if transport is not None and not transport.is_closing() and transport.is_reading() != on:
            if on:
                transport.resume_reading()
            else:
                transport.pause_reading()

    def close(self) -> None:
        """Close the end in order, or with a reset if the connection was aborted."""
        transport = self.transport
        if transport is None:
            return
        if self._connection.torn and not transport.is_closing():
            handle = transport.get_extra_info("socket")
            # A second socket object on the same connection is used, because an event loop's socket refuses options;
            # options apply to both.
            with socket.socket(fileno=os.dup(handle.fileno())) as own:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        else:
            transport.close()
