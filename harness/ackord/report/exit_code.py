"""Rank exit codes of several runs."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["worst_exit_code"]

_WORST_LAST = (0, 3, 4, 2, 1, 130)
"""A violation is a proof, whatever else went wrong; what could not be judged is never a pass."""


def worst_exit_code(codes: Iterable[int]) -> int:
    """Return the worst; 130 if there is none: then the first run was interrupted."""
    return max(codes, key=_rank, default=_WORST_LAST[-1])


def _rank(code: int) -> int:
    return _WORST_LAST.index(code) if code in _WORST_LAST else len(_WORST_LAST)
