"""Implements one connection through a link: two ends, and a pipe in each direction that holds bytes until they may
leave.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from ...core.seed import Seed
from ..timing.timer import FineTimer
from .connection_end import ConnectionEnd
from .kinds.base import DOWNSTREAM, NEVER_NS, UPSTREAM, StreamItem, StreamMark, Toxic
from .toxic_chain import ToxicChain

__all__ = ["HIGH_WATER_BYTES", "Connection"]

HIGH_WATER_BYTES = 4 << 20
"""Maximal number of bytes held for a slow receiver in one direction of one connection before its sender has to wait."""


class ConnectionOwner(Protocol):
    """The link's interface to its connections."""

    name: str
    cut: bool
    seed: Seed
    timer: FineTimer
    now_ns: Callable[[], int]

    def toxics_of(self, stream: str, connection: int) -> Sequence[Toxic]: ...

    def received(self, stream: str, size_bytes: int) -> None: ...

    def passed(self, stream: str, size_bytes: int) -> None: ...

    def held_back(self, delayed_chunks: int, dropped_bytes: int) -> None: ...

    def closed_by_toxic(self) -> None: ...


class Pipe:
    """One direction: its toxics, if any, and bytes that left them but cannot be written yet."""

    __slots__ = (
        "_alarm_ns",
        "_blocked",
        "_connection",
        "_dead",
        "_ended",
        "_line",
        "_out",
        "_out_bytes",
        "_owner",
        "_source",
        "_stream",
        "_target",
        "finished",
    )

    def __init__(self, connection: Connection, stream: str, source: ConnectionEnd, target: ConnectionEnd) -> None:
        self._connection = connection
        self._owner = connection.owner
        self._stream = stream
        self._source = source
        self._target = target
        self._line: ToxicChain | None = None
        """``None``: no toxic acts on it."""
        self._out: deque[StreamItem] | None = None
        self._out_bytes = 0
        self._blocked = False
        self._alarm_ns = 0
        """The instant of the alarm; 0: none is set."""
        self._ended = False
        self._dead = False
        self.finished = False
        """Whether the end of the stream was passed on."""
        self._arm(self._owner.toxics_of(stream, connection.number))

    def refresh(self) -> None:
        """React to replaced toxics, or to the link being cut or restored."""
        if not self._dead:
            self._arm(self._owner.toxics_of(self._stream, self._connection.number))
        self.pump()

    def put(self, data: bytes) -> None:
        """Accept bytes that arrived."""
        self._owner.received(self._stream, len(data))
        if self._dead:
            return
        line = self._line
        transport = self._target.transport
        if line is None and not self._out and not self._owner.cut and not self._blocked and transport is not None:
            if not transport.is_closing():
                self._owner.passed(self._stream, len(data))
                transport.write(data)
            return
        if line is None:
            self._emit(data)
        else:
            delayed, dropped = line.delayed_chunks, line.dropped_bytes
            line.put(self._owner.now_ns(), data)
            self._owner.held_back(line.delayed_chunks - delayed, line.dropped_bytes - dropped)
        self.pump()
        if self._out_bytes > HIGH_WATER_BYTES or (self._line is not None and self._line.full):
            self._source.set_reading(False)

    def put_end(self) -> None:
        """Accept the end of the stream."""
        if self._ended:
            return
        self._ended = True
        if self._line is None or self._dead:
            self._emit(StreamMark.END)
        else:
            self._line.put(self._owner.now_ns(), StreamMark.END)
        self.pump()

    def set_blocked(self, blocked: bool) -> None:
        """Record whether the receiver is too slow to accept more."""
        self._blocked = blocked
        self.pump()

    def target_lost(self) -> None:
        """Record that the receiver is gone."""
        if self._dead:
            return
        self._dead = True
        self._line = None
        self._out = deque([StreamMark.END]) if self._ended and not self.finished else None
        self._out_bytes = 0
        self._blocked = False
        self._source.set_reading(True)
        self.pump()

    def pump(self) -> None:
        """Send what may leave."""
        transport = self._target.transport
        if self._owner.cut or self._blocked or transport is None:
            return
        if self._dead and self._source.feeder.finished:
            self._source.close()
        line = self._line
        if line is not None:
            line.advance(self._owner.now_ns())
            self._set_alarm(line.next_ns)
        out = self._out
        while out and not self._blocked:
            item = out.popleft()
            if isinstance(item, StreamMark):
                self._finish(transport, item)
                continue
            self._out_bytes -= len(item)
            if not transport.is_closing():
                self._owner.passed(self._stream, len(item))
                transport.write(item)
            if line is not None and line.separate and out:
                # The event loop joins what is written in one iteration, so each slice gets an iteration of its own.
                self._owner.timer.loop.call_soon(self.pump)
                break
        if self._out_bytes <= HIGH_WATER_BYTES // 2 and (line is None or line.slack):
            self._source.set_reading(True)

    def _arm(self, toxics: Sequence[Toxic]) -> None:
        line = self._line
        if line is None:
            if not toxics:
                return
            line = self._line = ToxicChain(self._seed, self._emit)
        line.set_toxics(self._owner.now_ns(), toxics)
        if line.empty:
            self._line = None

    def _seed(self, toxic: Toxic) -> Seed:
        owner = self._owner
        return owner.seed.derive("toxic", owner.name, toxic.name, self._connection.number)

    def _emit(self, item: StreamItem) -> None:
        if self._out is None:
            self._out = deque()
        self._out.append(item)
        if isinstance(item, bytes):
            self._out_bytes += len(item)

    def _set_alarm(self, at_ns: int) -> None:
        if at_ns < NEVER_NS and (not self._alarm_ns or at_ns < self._alarm_ns):
            self._alarm_ns = at_ns
            self._owner.timer.call_at(at_ns, self._wake)

    def _wake(self) -> None:
        self._alarm_ns = 0
        self.pump()

    def _finish(self, transport: asyncio.Transport, mark: StreamMark) -> None:
        self.finished = True
        if mark is not StreamMark.END:
            self._owner.closed_by_toxic()
            self._connection.torn = self._connection.torn or mark is StreamMark.RESET
            self._target.close()
        elif self._source.feeder.finished:
            self._source.close()
            self._target.close()
        elif transport.is_closing():
            return
        elif self._source.gone or not transport.can_write_eof():
            self._target.close()
        else:
            transport.write_eof()


class Connection:
    """A connection that was made to the link's port (``near``), and the one that it makes to the server (``far``)."""

    __slots__ = ("_down", "_made", "_on_lost", "_up", "far", "near", "number", "owner", "torn")

    def __init__(
        self,
        owner: ConnectionOwner,
        number: int,
        made: Callable[[Connection], None],
        lost: Callable[[Connection], None],
    ) -> None:
        self.owner = owner
        self.number = number
        """Its ordinal on the link, from 1."""
        self.torn = False
        """Whether both ends are to be closed by a reset."""
        self._made = made
        self._on_lost = lost
        self.near = near = ConnectionEnd(self, owner.timer.loop, self._accepted)
        self.far = far = ConnectionEnd(self, owner.timer.loop, self._connected)
        self._up = near.pipe = far.feeder = Pipe(self, UPSTREAM, near, far)
        self._down = far.pipe = near.feeder = Pipe(self, DOWNSTREAM, far, near)

    def _accepted(self) -> None:
        self._made(self)

    def _connected(self) -> None:
        self._up.pump()

    def lost(self) -> None:
        """Handle the loss of one end."""
        self._on_lost(self)

    def refresh(self) -> None:
        self._up.refresh()
        self._down.refresh()

    def abort(self) -> None:
        for end in (self.near, self.far):
            if end.transport is not None:
                end.transport.abort()

    @property
    def client(self) -> str:
        """Return the address of whoever connected to the link, as ``host:port``; empty if it is not known."""
        name = self.near.transport.get_extra_info("peername") if self.near.transport is not None else None
        return ":".join(map(str, name[:2])) if name else ""

    @property
    def file(self) -> int:
        """Return the descriptor of the client's socket; -1 once it is closed."""
        handle = self.near.transport.get_extra_info("socket") if self.near.transport is not None else None
        return handle.fileno() if handle is not None else -1

    @property
    def gone(self) -> bool:
        """Return whether nothing is left to pass on."""
        return self.near.gone and self.far.gone
