"""Implements timers with a finer resolution than the event loop's millisecond.

A chaos link that adds 1 ms must not add 2. On Linux the kernel's ``timerfd`` (timerfd_create(2)) wakes the loop within
some 0.1 ms without spinning; elsewhere the loop's own timers are used, with their own resolution.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import heapq
import itertools
import os
from collections.abc import Callable
from typing import Any

from ...core.clock import SECOND

__all__ = ["FineTimer"]

_CLOCK_MONOTONIC = 1
_TFD_TIMER_ABSTIME = 1
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC


class _Times(ctypes.Structure):
    """``struct itimerspec``: the interval, which stays zero, and the instant."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class FineTimer:
    """Calls back at instants of the monotonic clock; calls for one instant keep their order."""

    def __init__(self, loop: asyncio.AbstractEventLoop, now_ns: Callable[[], int]) -> None:
        self.loop = loop
        self._now_ns = now_ns
        self._queue: list[tuple[int, int, Callable[[], object]]] = []
        self._sequence = itertools.count()
        self._armed_ns = 0
        """The instant of the alarm; 0: none is set."""
        self._handle: asyncio.TimerHandle | None = None
        self._open = True
        self._libc: Any = None
        self._fd = -1
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None, use_errno=True)
            self._fd = libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
            self._libc = libc
        if self._fd >= 0:
            loop.add_reader(self._fd, self._due)

    def call_at(self, at_ns: int, action: Callable[[], object]) -> None:
        """Call ``action`` at ``at_ns`` or as soon as possible after it; never before, and never within this call."""
        heapq.heappush(self._queue, (at_ns, next(self._sequence), action))
        if self._open and (not self._armed_ns or at_ns < self._armed_ns):
            self._arm(at_ns)

    def close(self) -> None:
        """Discard the queued calls."""
        self._open = False
        self._queue.clear()
        if self._handle is not None:
            self._handle.cancel()
        if self._fd >= 0:
            self.loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _arm(self, at_ns: int) -> None:
        self._armed_ns = at_ns
        if self._fd >= 0:
            seconds, rest = divmod(max(1, at_ns), SECOND)
            times = _Times(0, 0, seconds, rest)
            self._libc.timerfd_settime(self._fd, _TFD_TIMER_ABSTIME, ctypes.byref(times), None)
            return
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self.loop.call_later(max(0, at_ns - self._now_ns()) / SECOND, self._due)

    def _due(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(BlockingIOError):
                os.read(self._fd, 8)
        queue = self._queue
        now_ns = self._now_ns()
        self._armed_ns = -1  # what the calls queue meanwhile is seen below
        try:
            while queue and queue[0][0] <= now_ns:
                heapq.heappop(queue)[2]()
        finally:
            self._armed_ns = 0
            if queue and self._open:
                self._arm(queue[0][0])
