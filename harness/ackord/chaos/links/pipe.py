"""One connection through a link: two ends, and a pipe each way that keeps bytes until they may leave."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

from ..timer import FineTimer
from .shaper import DOWNSTREAM, UPSTREAM, Shape, Shaper

__all__ = ["HIGH_WATER_BYTES", "Connection", "End"]

HIGH_WATER_BYTES = 4 << 20
"""How much is held for one direction of one connection before its sender has to wait."""
_WRITE_HIGH_WATER_BYTES = 262_144


class Owner(Protocol):
    """What a connection needs of its link."""

    shape: Shape
    timer: FineTimer
    now_ns: Callable[[], int]

    def passed(self, direction: str, size_bytes: int) -> None: ...

    def delayed(self) -> None: ...


class End(asyncio.Protocol):
    """One end of a connection; what arrives here leaves through ``pipe``, what leaves here comes from ``feeder``."""

    pipe: Pipe
    feeder: Pipe

    def __init__(self, made: Callable[[], None], lost: Callable[[], None]) -> None:
        self._made = made
        self._lost = lost
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

    def eof_received(self) -> bool:
        self.pipe.put_end()
        return True  # the other direction may go on

    def connection_lost(self, error: Exception | None) -> None:
        self.pipe.put_end()
        self.feeder.target_lost()
        self._lost()

    def pause_writing(self) -> None:
        self.feeder.set_blocked(True)

    def resume_writing(self) -> None:
        self.feeder.set_blocked(False)

    def set_reading(self, on: bool) -> None:
        transport = self.transport
        if transport is not None and not transport.is_closing() and transport.is_reading() != on:
            if on:
                transport.resume_reading()
            else:
                transport.pause_reading()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


class Pipe:
    """One direction: a queue of chunks in order, each with the instant from which it may leave."""

    def __init__(self, owner: Owner, direction: str, number: int, source: End, target: End) -> None:
        self._owner = owner
        self._direction = direction
        self._shaper = Shaper(number, direction)
        self._shaper.set_shape(owner.shape)
        self._source = source
        self._target = target
        self._queue: deque[tuple[int, bytes | None]] = deque()
        """``None`` is the end of the stream."""
        self._queued_bytes = 0
        self._blocked = False
        self._alarm_set = False
        self._ended = False
        self._dead = False
        self.finished = False
        """The end of the stream was passed on."""

    def set_shape(self, shape: Shape) -> None:
        self._shaper.set_shape(shape)
        self.pump()

    def put(self, data: bytes) -> None:
        """Bytes arrived."""
        if self._dead:
            return
        now_ns = self._owner.now_ns()
        size = self._shaper.piece_bytes or len(data)
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            release_ns = self._shaper.release_ns(now_ns, len(piece))
            if release_ns > now_ns:
                self._owner.delayed()
            self._queue.append((release_ns, piece))
        self._queued_bytes += len(data)
        self.pump()
        if self._queued_bytes > HIGH_WATER_BYTES:
            self._source.set_reading(False)

    def put_end(self) -> None:
        """No more bytes will arrive."""
        if not self._ended:
            self._ended = True
            self._queue.append((self._shaper.release_ns(self._owner.now_ns(), 0), None))
            self.pump()

    def set_blocked(self, blocked: bool) -> None:
        """The receiver does not keep up, or does again."""
        self._blocked = blocked
        self.pump()

    def target_lost(self) -> None:
        """Nobody is there any more to take the bytes."""
        self._dead = True
        self._queue = deque(entry for entry in self._queue if entry[1] is None)
        self._queued_bytes = 0
        self._blocked = False
        self._source.set_reading(True)
        self.pump()

    def pump(self) -> None:
        """Let go what may leave."""
        transport = self._target.transport
        if self._owner.shape.cut or self._blocked or transport is None:
            return
        if self._dead and self._source.feeder.finished:
            self._source.close()
        queue = self._queue
        now_ns = self._owner.now_ns() if queue else 0
        while queue and not self._blocked:
            release_ns, data = queue[0]
            if release_ns > now_ns:
                self._set_alarm(release_ns)
                break
            queue.popleft()
            if data is None:
                self._finish(transport)
                continue
            self._queued_bytes -= len(data)
            if not transport.is_closing():
                self._owner.passed(self._direction, len(data))
                transport.write(data)
        if self._queued_bytes <= HIGH_WATER_BYTES // 2:
            self._source.set_reading(True)

    def _set_alarm(self, at_ns: int) -> None:
        if not self._alarm_set:
            self._alarm_set = True
            self._owner.timer.call_at(at_ns, self._wake)

    def _wake(self) -> None:
        self._alarm_set = False
        self.pump()

    def _finish(self, transport: asyncio.Transport) -> None:
        self.finished = True
        if self._source.feeder.finished:
            self._source.close()
            transport.close()
        elif transport.is_closing():
            return
        elif self._source.gone or not transport.can_write_eof():
            transport.close()
        else:
            transport.write_eof()


class Connection:
    """A connection that was made to the link's port (``near``), and the one that it makes to the server (``far``)."""

    def __init__(
        self, owner: Owner, number: int, made: Callable[[Connection], None], lost: Callable[[Connection], None]
    ) -> None:
        self.near = near = End(lambda: made(self), lambda: lost(self))
        self.far = far = End(self._connected, lambda: lost(self))
        near.pipe = far.feeder = Pipe(owner, UPSTREAM, number, near, far)
        far.pipe = near.feeder = Pipe(owner, DOWNSTREAM, number, far, near)

    def _connected(self) -> None:
        self.near.pipe.pump()

    def set_shape(self, shape: Shape) -> None:
        self.near.pipe.set_shape(shape)
        self.far.pipe.set_shape(shape)

    def abort(self) -> None:
        for end in (self.near, self.far):
            if end.transport is not None:
                end.transport.abort()

    @property
    def gone(self) -> bool:
        """Whether there is nothing left to pass on."""
        return self.near.gone and self.far.gone
