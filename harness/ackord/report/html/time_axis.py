"""Places instants on an axis in percent of its width, with idle intervals cut short, and marks on lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

__all__ = ["AxisLabel", "TimeAxis", "axis_labels", "packed", "percent", "time_axis"]

_APART = 17.0
"""The width of a label, in percent: 60 pixels of a narrow page."""
_LATE = 82.0
"""A label from here on would stick out."""


class TimeAxis(NamedTuple):
    """A time axis with shortened idle intervals: knots (instant, x), linear between two of them."""

    knots: tuple[tuple[int, float], ...]
    cuts: tuple[tuple[float, int], ...]
    """The middle of each shortened interval, and its length (ns)."""

    def x(self, at_ns: int) -> float:
        """Return the place of an instant; one outside is put at the edge."""
        for (start_ns, left), (end_ns, right) in pairwise(self.knots):
            if at_ns <= end_ns:
                return left + (right - left) * max(0.0, (at_ns - start_ns) / max(1, end_ns - start_ns))
        return self.knots[-1][1]


def time_axis(busy: Iterable[tuple[int, int]], left: float, right: float) -> TimeAxis:
    """Return an axis for the intervals ``busy`` (begin, end) from ``left`` to ``right``. No idle interval takes more
    than a third of the room of the busy ones together.
    """
    merged: list[list[int]] = []
    for begin_ns, end_ns in sorted(busy):
        if merged and begin_ns <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end_ns)
        else:
            merged.append([begin_ns, end_ns])
    if not merged:
        return TimeAxis(((0, left),), ())
    most_ns = max(sum(end - begin for begin, end in merged) // 3, 1)
    instants, lengths, long = [merged[0][0]], [], []
    for i, (begin_ns, end_ns) in enumerate(merged):
        if i:
            idle_ns = begin_ns - merged[i - 1][1]
            instants.append(begin_ns)
            lengths.append(min(idle_ns, most_ns))
            if idle_ns > most_ns:
                long.append((len(instants) - 1, idle_ns))
        instants.append(end_ns)
        lengths.append(end_ns - begin_ns)
    width = (right - left) / max(1, sum(lengths))
    places = [left]
    for length in lengths:
        places.append(places[-1] + length * width)
    cuts = tuple(((places[i - 1] + places[i]) / 2, idle_ns) for i, idle_ns in long)
    return TimeAxis(tuple(zip(instants, places, strict=True)), cuts)


class AxisLabel(NamedTuple):
    """The label of an instant."""

    at_ns: int
    x: float
    ends: bool
    """Whether it ends at its place, where the others begin."""

    @property
    def room(self) -> tuple[float, float]:
        return (self.x - _APART, self.x) if self.ends else (self.x, self.x + _APART)


def axis_labels(axis: TimeAxis, wanted: Iterable[int]) -> list[AxisLabel]:
    """Return the instants that get a label: ``wanted`` ones first, then the axis's knots, as far as none touches
    another.
    """
    chosen: list[AxisLabel] = []
    for at_ns in (*wanted, axis.knots[0][0], axis.knots[-1][0], *(ns for ns, _ in axis.knots)):
        x = axis.x(at_ns)
        label = AxisLabel(at_ns, x, x > _LATE)
        left, right = label.room
        if all(right <= other.room[0] or left >= other.room[1] for other in chosen):
            chosen.append(label)
    return sorted(chosen, key=lambda label: label.x)


def packed(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Assign each interval to the first line on which it overlaps no earlier one."""
    ends: list[float] = []
    lines = []
    for begin, end in spans:
        line = next((i for i, taken in enumerate(ends) if taken < begin), len(ends))
        if line == len(ends):
            ends.append(end)
        else:
            ends[line] = end
        lines.append(line)
    return lines


def percent(value: float) -> str:
    """Return a length in percent, as short as possible: ``12.5%``."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"
