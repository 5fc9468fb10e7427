"""Draws the landing window of a run as a survival curve: the share of orders that have not landed yet, by time from the
acknowledgement.

The curve is Turnbull's estimate (``core/landing.py``). The band does not use it: at each instant the orders that had
certainly not landed, and those that had not certainly landed, are counted, and each share is bounded with 95 %
confidence by E. B. Wilson's interval (``core/share_interval.py``).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from ...core.history import History
from ...core.landing import interval_of, turnbull
from ...core.share_interval import counted_share

__all__ = ["POINTS", "CurvePoint", "landing_curve"]

POINTS = 200
"""The most points of a curve."""


class CurvePoint(NamedTuple):
    """A point of the curve; it stays level until the next one."""

    at_ns: int
    """From the acknowledgement."""
    open_share: float
    """Estimated share of orders that have not landed by then."""
    low: float
    high: float


def landing_curve(history: History) -> list[CurvePoint]:
    """Return the survival curve, at most ``POINTS`` points; empty if no order gives an interval."""
    final_ns = history.settled_ns()
    intervals = [i for order in history.orders if (i := interval_of(order, final_ns)) is not None]
    if not intervals:
        return []
    n = len(intervals)
    lefts = sorted(i.left_ns for i in intervals)
    rights = sorted(i.right_ns for i in intervals if i.right_ns is not None)
    open_share, steps = 1.0, [(0, 1.0)]
    for at_ns, mass in turnbull(intervals):
        if at_ns is not None:
            open_share = max(0.0, open_share - mass)
            steps.append((at_ns, open_share))
    steps = _thinned(_with_instants(steps, lefts))
    points = []
    for (at_ns, share), (until_ns, _) in zip(steps, [*steps[1:], steps[-1]], strict=True):
        # The curve is level up to the next point: the lower bound is that of the end, the upper that of the begin.
        certain, possible = n - bisect_right(lefts, until_ns), n - bisect_right(rights, at_ns)
        points.append(CurvePoint(at_ns, share, counted_share(certain, n).low, counted_share(possible, n).high))
    return points


def _with_instants(steps: list[tuple[int, float]], lefts: list[int]) -> list[tuple[int, float]]:
    """Add the instants at which the lower bound changes; the curve stays as it is there."""
    known = [at_ns for at_ns, _ in steps]
    between = {left for left in lefts if 0 < left < known[-1]}.difference(known)
    return sorted([*steps, *((left, steps[bisect_right(known, left) - 1][1]) for left in between)])


def _thinned(steps: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Keep the largest steps, some of the others spread evenly, and the first and the last, if there are too many."""
    if len(steps) <= POINTS:
        return steps
    by_size = sorted(range(1, len(steps) - 1), key=lambda i: steps[i][1] - steps[i - 1][1])
    even = (i * (len(steps) - 1) // (POINTS // 4) for i in range(POINTS // 4))
    return [steps[i] for i in sorted({0, len(steps) - 1, *even, *by_size[: POINTS - POINTS // 4 - 2]})]
