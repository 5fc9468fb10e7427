"""Bounds what a process remembers that stands for days."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

__all__ = ["MOST_REMEMBERED", "RecentDict"]

MOST_REMEMBERED = 1 << 16
"""Orders that a provider remembers: over five minutes at 200 orders a second, in some 10 MB for each thing remembered.

A campaign has fewer orders, so it never meets this limit.
"""

K = TypeVar("K")
V = TypeVar("V")


class RecentDict(OrderedDict[K, V]):
    """A dictionary of at most ``limit`` entries: a new key that exceeds it drops the oldest one."""

    def __init__(self, limit: int = MOST_REMEMBERED) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        if len(self) > self._limit:
            self.popitem(last=False)
