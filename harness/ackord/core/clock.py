"""Defines clocks: code that needs the time is given a ``Clock`` and never reads the system's time (held by
``tests/test_architecture.py``).

All instants are integers in nanoseconds. A real clock counts as ``CLOCK_MONOTONIC`` does, which all processes of one
machine share, so instants of the gateway and of the main process can be compared.
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
    """Tells the time in nanoseconds from an arbitrary origin."""

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
        """Return the civil time in seconds since 1970, for signatures and unique numbers. Nothing is judged by it."""
        return int(time.time())

    @staticmethod
    def wall_iso() -> str:
        """Return the civil time in UTC, ISO 8601 to the second, for headers that people read.
        Nothing is judged by it.
        """
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class WallClock:
    """The wall clock of a provider's node: the machine's time plus ``stepped_ns``, which a fault may set. Nothing is
    measured by it.
    """

    def __init__(self, stepped_ns: int = 0) -> None:
        self.stepped_ns = stepped_ns

    def unix_ns(self) -> int:
        return time.time_ns() + self.stepped_ns

    def unix_s(self) -> int:
        return self.unix_ns() // SECOND

    def iso(self) -> str:
        """Return the instant in UTC, ISO 8601 to the millisecond."""
        seconds, rest_ns = divmod(self.unix_ns(), SECOND)
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest_ns // MS:03}Z"


class VirtualClock:
    """A clock that advances only when somebody sleeps, with a queue of the actions that fall due meanwhile.

    This is the simulation's whole scheduler: a discrete-event queue ordered by (time, sequence number). Ties keep their
    order of arrival, so one program has one execution in every process. A queue of callbacks costs a fifth of an
    asyncio task switch and has no hidden state. What is written as coroutines runs on it by way of
    ``ackord.simulation.virtual_loop``.
    """

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = itertools.count()

    def now_ns(self) -> int:
        return self._now_ns

    def call_at(self, at_ns: int, action: Callable[[], None]) -> None:
        """Call ``action`` at ``at_ns``. An instant in the past means now, after the actions that are already due."""
        now_ns = self._now_ns
        heapq.heappush(self._queue, (at_ns if at_ns > now_ns else now_ns, next(self._sequence), action))

    def call_later(self, delay_ns: int, action: Callable[[], None]) -> None:
        # The most frequent call of a simulation: not by ``call_at``.
        at_ns = self._now_ns + delay_ns if delay_ns > 0 else self._now_ns
        heapq.heappush(self._queue, (at_ns, next(self._sequence), action))

    def sleep_ns(self, duration_ns: int) -> None:
        """Advance by ``duration_ns`` and run every action that falls due."""
        end_ns = self._now_ns + max(0, duration_ns)
        queue = self._queue
        while queue and queue[0][0] <= end_ns:
            self._now_ns, _, action = heapq.heappop(queue)
            action()
        self._now_ns = end_ns

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        """Run queued actions until ``done()`` is true, at most up to the instant ``limit_ns``. Return whether it is
        true.
        """
        queue = self._queue
        while not done():
            if not queue or queue[0][0] > limit_ns:
                self._now_ns = max(self._now_ns, limit_ns)
                return done()
            self._now_ns, _, action = heapq.heappop(queue)
            action()
        return True
