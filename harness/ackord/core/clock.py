"""Time as a value: whoever needs the time is given a ``Clock``.

Nothing else in Ackord reads the system's time (``tests/test_architecture.py`` holds that), so a run in virtual
time needs no patching. All instants are integers in nanoseconds. A real clock counts as ``CLOCK_MONOTONIC`` does, which
all processes of one machine share: instants taken in the gateway and in the main process can be compared.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["MS", "SECOND", "Clock", "RealClock", "VirtualClock", "WallClock"]

MS = 1_000_000
"""Nanoseconds in a millisecond."""
SECOND = 1_000_000_000
"""Nanoseconds in a second."""


class Clock(Protocol):
    """What tells the time, in nanoseconds from an origin that means nothing by itself."""

    def now_ns(self) -> int: ...

    def sleep_ns(self, duration_ns: int) -> None: ...


class RealClock:
    """The machine's monotonic clock."""

    now_ns = staticmethod(time.monotonic_ns)

    def sleep_ns(self, duration_ns: int) -> None:
        if duration_ns > 0:
            time.sleep(duration_ns / SECOND)

    @staticmethod
    def unix_s() -> int:
        """The civil time in seconds since 1970: for signatures and numbers that must be new, never for judging."""
        return int(time.time())

    @staticmethod
    def wall_iso() -> str:
        """The civil time in UTC, ISO 8601 to the second: for headers that people read, never for judging."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class WallClock:
    """The time of day as a node of a provider takes it: the machine's and ``stepped_ns``, which a fault may set. Nothing is measured by it."""

    def __init__(self, stepped_ns: int = 0) -> None:
        self.stepped_ns = stepped_ns

    def unix_ns(self) -> int:
        return time.time_ns() + self.stepped_ns

    def unix_s(self) -> int:
        return self.unix_ns() // SECOND

    def iso(self) -> str:
        """In UTC, ISO 8601 to the millisecond."""
        seconds, rest_ns = divmod(self.unix_ns(), SECOND)
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest_ns // MS:03}Z"


class VirtualClock:
    """A clock that stands still until somebody sleeps, and a queue of what is to happen meanwhile.

    This is the whole of the simulation's scheduler: a discrete-event queue (time, sequence number) whose ties are broken
    by order of arrival, so that one program has one execution, in every process. It replaced a virtual asyncio loop because
    a heap of callbacks costs a fifth of a task switch and has no hidden state.
    """

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = itertools.count()

    def now_ns(self) -> int:
        return self._now_ns

    def call_at(self, at_ns: int, action: Callable[[], None]) -> None:
        """Do ``action`` at ``at_ns``; an instant that is past means now, after what is already due."""
        heapq.heappush(self._queue, (max(at_ns, self._now_ns), next(self._sequence), action))

    def call_later(self, delay_ns: int, action: Callable[[], None]) -> None:
        self.call_at(self._now_ns + delay_ns, action)

    def sleep_ns(self, duration_ns: int) -> None:
        """Move on by ``duration_ns``, doing all that falls due on the way."""
        end_ns = self._now_ns + max(0, duration_ns)
        queue = self._queue
        while queue and queue[0][0] <= end_ns:
            self._now_ns, _, action = heapq.heappop(queue)
            action()
        self._now_ns = end_ns

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        """Do what is queued until ``done()``, at most up to the instant ``limit_ns``; return whether it is done."""
        queue = self._queue
        while not done():
            if not queue or queue[0][0] > limit_ns:
                self._now_ns = max(self._now_ns, limit_ns)
                return done()
            self._now_ns, _, action = heapq.heappop(queue)
            action()
        return True
