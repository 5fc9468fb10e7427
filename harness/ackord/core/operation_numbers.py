"""Keeps one number for each operation: eight bytes where operations are numbered without large gaps, as in a run."""

from __future__ import annotations

from array import array

__all__ = ["OperationNumbers"]

_SPARSE = 1 << 16
"""How far an operation may lie beyond the ones before it until it is kept apart."""


class OperationNumbers:
    """Numbers by operation, none of them negative."""

    def __init__(self) -> None:
        self._near = array("q")
        self._far: dict[int, int] = {}

    def get(self, op: int) -> int:
        """Return the operation's number; -1: it has none."""
        number = self._near[op] if 0 <= op < len(self._near) else -1
        return self._far.get(op, -1) if number < 0 and self._far else number

    def put(self, op: int, number: int) -> None:
        """Give an operation a number."""
        if op in self._far or not 0 <= op < len(self._near) + _SPARSE:
            self._far[op] = number
            return
        if op >= len(self._near):
            self._near.extend([-1] * (op + 1 - len(self._near)))
        self._near[op] = number
