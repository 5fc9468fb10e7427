"""Holds back what a fault delays, until its time is over or its rule is removed. Uses no sockets."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from typing import Protocol

from .rules import REQUESTED_BY_HEADER, FaultRule

__all__ = ["DelayQueue", "TimerProtocol"]


class TimerProtocol(Protocol):
    """Calls back at an instant."""

    def call_at(self, at_ns: int, action: Callable[[], None]) -> None: ...


class DelayQueue:
    """Actions delayed by a rule. Each is called once, unless the edge is closed before."""

    def __init__(self, timer: TimerProtocol, now_ns: Callable[[], int]) -> None:
        self._timer = timer
        self._now_ns = now_ns
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[str, Callable[[], None]]] = {}
        self._in_force: Collection[str] = ()

    def wait(self, rule: FaultRule, delay_ns: int, action: Callable[[], None]) -> None:
        """Call ``action`` after ``delay_ns``, or once ``rule`` is no longer in force; never within this call."""
        if rule.source != REQUESTED_BY_HEADER and rule.source not in self._in_force:
            delay_ns = 0  # it was taken back while its request was on the way
        number = next(self._numbers)
        self._waiting[number] = (rule.source, action)
        self._timer.call_at(self._now_ns() + delay_ns, lambda: self._due(number))

    def let_go(self, in_force: Collection[str]) -> None:
        """Call, in order of arrival, every delayed entry whose rule is no longer ``in_force`` after a change of rules.

        Entries that these calls add are treated the same way. A fault requested by a header is released with the last
        rule.
        """
        self._in_force = in_force
        kept = {*in_force, REQUESTED_BY_HEADER} if in_force else set(in_force)
        while gone := [number for number, (source, _) in self._waiting.items() if source not in kept]:
            for number in gone:
                self._due(number)

    def forget(self) -> None:
        """Drop all waiting actions without calling them."""
        self._waiting.clear()

    def __len__(self) -> int:
        """Number of waiting actions."""
        return len(self._waiting)

    def _due(self, number: int) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            waiting[1]()
