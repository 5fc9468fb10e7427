"""Chance that depends on names, never on the order of events.

A decision is a hash of the seed and of what it is about (an order's ordinal, an operation, an attempt), so the same
order meets the same fault in any interleaving and on any worker. A shared random stream would not give that: the first
thread to draw would change every later draw. BLAKE2b is used because Python's own ``hash`` differs from process to process.
"""

from __future__ import annotations

import hashlib

__all__ = ["Seed"]

_SPAN = 1 << 64


class Seed:
    """A run's seed. Parts are joined by a separator that no ``str()`` of an int or an identifier holds."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Seed({self.value})"

    def bits(self, *parts: str | int) -> int:
        """64 bits, uniform over the seeds, the same for the same parts."""
        text = "\x1f".join([str(self.value), *map(str, parts)])
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def unit(self, *parts: str | int) -> float:
        """A number in [0, 1)."""
        return self.bits(*parts) / _SPAN

    def hits(self, share: float, *parts: str | int) -> bool:
        """True for a ``share`` (0 to 1) of all parts."""
        return self.unit(*parts) < share

    def pick(self, n: int, *parts: str | int) -> int:
        """An integer in ``range(n)``."""
        return self.bits(*parts) * n // _SPAN

    def between(self, low: float, high: float, *parts: str | int) -> float:
        return low + (high - low) * self.unit(*parts)

    def derive(self, *parts: str | int) -> Seed:
        """A seed of its own for a part of the run."""
        return Seed(self.bits("derive", *parts) >> 1)
