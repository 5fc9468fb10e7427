"""Counts reasons, and where each was met first, so that the counts of a run's parts add up to those of the run."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Place", "Rank", "Reasons"]

Rank = tuple[int, int]
"""Puts orders into the sequence of their run: those that were asked for come first, then those that only the ledger
knows, then those that only callbacks name; each by the number of its first event.
"""

Place = tuple[Rank, int]
"""An order's rank, and a position among what belongs to the order."""


class Reasons:
    """Reasons with their counts. Adding parts in any sequence gives the same as counting the whole."""

    __slots__ = ("_counted",)

    def __init__(self) -> None:
        self._counted: dict[str, tuple[int, Place]] = {}

    def add(self, reason: str, at: Place, count: int = 1) -> None:
        """Count a reason that was met first at ``at``."""
        before = self._counted.get(reason)
        self._counted[reason] = (count, at) if before is None else (before[0] + count, min(before[1], at))

    def merge(self, other: Reasons) -> None:
        """Add the counts of another part."""
        for reason, (count, at) in other._counted.items():
            self.add(reason, at, count)

    def __iter__(self) -> Iterator[str]:
        return iter(self._counted)

    @property
    def total(self) -> int:
        """Return how many were counted."""
        return sum(count for count, _ in self._counted.values())

    @property
    def commonest(self) -> str:
        """Return the reason that was met most often, of equals the first; empty if there is none."""
        return min(self._counted, key=lambda r: (-self._counted[r][0], self._counted[r][1]), default="")
