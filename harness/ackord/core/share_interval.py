"""Bounds a share that was counted in a sample.

The interval is E. B. Wilson's (*Probable inference, the law of succession, and statistical inference*, J. Am. Stat.
Assoc. 22 (1927), 209-212). Where nothing or everything was counted, its open end is the exact one-sided bound: for
nothing in n, 1 - 0.05^(1/n).
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["CountedShare", "counted_share"]

_Z = 1.959963984540054
"""The normal quantile of a two-sided confidence of 95 %."""
_ALPHA = 0.05


class CountedShare(NamedTuple):
    """A share with its bounds of 95 % confidence; all from 0 to 1."""

    share: float
    low: float
    high: float


def counted_share(count: int, of: int) -> CountedShare:
    """Return the share ``count / of`` and its bounds.

    Raises ``ValueError`` unless ``0 <= count <= of`` and ``of > 0``.
    """
    if of <= 0 or not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no share")
    share = count / of
    if count == 0:
        return CountedShare(0.0, 0.0, 1 - _ALPHA ** (1 / of))
    if count == of:
        return CountedShare(1.0, _ALPHA ** (1 / of), 1.0)
    squared = _Z * _Z
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    half = _Z / (1 + squared / of) * math.sqrt(share * (1 - share) / of + squared / (4 * of * of))
    return CountedShare(share, max(0.0, middle - half), min(1.0, middle + half))
