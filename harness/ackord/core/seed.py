"""Makes random decisions that depend on names and never on the order of events.

A decision is a hash of the seed and of its subject (an order's ordinal, an operation, an attempt), so the same order
meets the same fault in any interleaving and on any worker. With a shared random stream, the first thread to draw would
change every later draw. BLAKE2b is used because Python's own ``hash`` differs between processes.
"""

from __future__ import annotations

import hashlib

__all__ = ["Seed"]

_SPAN = 1 << 64


class Seed:
    """A run's seed. The parts of a decision are joined by a separator that no ``str()`` of an int or an identifier
    contains.
    """

    __slots__ = ("_prefix", "value")

    def __init__(self, value: int) -> None:
        self.value = value
        self._prefix = f"{value}\x1f"

    def __repr__(self) -> str:
        return f"Seed({self.value})"

    def bits(self, *parts: str | int) -> int:
        """Return 64 uniform bits, the same for the same parts."""
        text = self._prefix + "\x1f".join(map(str, parts))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def unit(self, *parts: str | int) -> float:
        """Return a number in [0, 1)."""
        return self.bits(*parts) / _SPAN

    def hits(self, share: float, *parts: str | int) -> bool:
        """Return True for a ``share`` (0 to 1) of all parts."""
        return self.unit(*parts) < share

    def pick(self, n: int, *parts: str | int) -> int:
        """Return an integer in ``range(n)``."""
        return self.bits(*parts) * n // _SPAN

    def between(self, low: float, high: float, *parts: str | int) -> float:
        return low + (high - low) * self.unit(*parts)

    def derive(self, *parts: str | int) -> Seed:
        """Return a separate seed for a part of the run."""
        return Seed(self.bits("derive", *parts) >> 1)
