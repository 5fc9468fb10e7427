"""Builds SVG from pure functions: a time scale, escaped text, marks, and bars in place of too many marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from ..core.clock import MS, SECOND
from .format import printable

__all__ = [
    "BUCKETS",
    "LEFT",
    "RIGHT",
    "SINGLY",
    "WIDTH",
    "Bucket",
    "SvgLane",
    "TimeScale",
    "bucketed",
    "bucketed_highest",
    "coord",
    "instant",
    "path",
    "rect",
    "safe",
    "tall",
    "text",
    "text_width",
]

WIDTH, LEFT, RIGHT = 1200, 230, 1030
"""Pixels of a drawing: names stand left of ``LEFT``, figures right of ``RIGHT``, time runs between the two."""
BUCKETS = 100
"""Parts of the time axis by which too many marks are counted: 8 wide each."""
SINGLY = 60
"""The most marks of a row that are drawn one by one."""
_LONGEST = 60
"""The most characters of an untrusted name."""
_CHARACTER, _BOLD_CHARACTER = 6.5, 7.6
"""Upper bounds of the width of a character of small text."""


class SvgLane(NamedTuple):
    """A lane, drawn from y = 0 downwards."""

    height: float
    svg: str


class TimeScale(NamedTuple):
    """Maps an instant to a place on the time axis."""

    start_ns: int
    end_ns: int

    def x(self, at_ns: int) -> float:
        """Return the x of ``at_ns``; an instant outside is drawn at the edge."""
        inside_ns = min(max(at_ns, self.start_ns), self.end_ns)
        return LEFT + (RIGHT - LEFT) * (inside_ns - self.start_ns) / max(1, self.end_ns - self.start_ns)

    def bucket(self, at_ns: int, buckets: int = BUCKETS) -> int:
        """Return the index of the part of the axis that ``at_ns`` is in, from 0, of ``buckets`` equal parts."""
        part = (at_ns - self.start_ns) * buckets // max(1, self.end_ns - self.start_ns)
        return int(min(buckets - 1, max(0, part)))

    def bucket_ns(self, buckets: int = BUCKETS) -> int:
        return max(1, self.end_ns - self.start_ns) // buckets

    def ticks(self) -> list[tuple[int, str]]:
        """Return at most eleven round instants with their labels: ``500 ms`` for a short run, ``12 s`` for one of 10 s
        and more.
        """
        span_ns = max(1, self.end_ns - self.start_ns)
        step_ns = next(s for e in range(len(str(span_ns))) for s in (10**e, 2 * 10**e, 5 * 10**e) if span_ns <= 10 * s)
        return [(self.start_ns + ns, instant(ns, span_ns)) for ns in range(0, span_ns + 1, step_ns)]


class Bucket(NamedTuple):
    """Number of marks in one part of the axis."""

    part: int
    marks: int


def bucketed(scale: TimeScale, instants: Iterable[int]) -> list[Bucket]:
    """Return the parts of the axis that hold any of ``instants``, in order."""
    start_ns, span_ns = scale.start_ns, max(1, scale.end_ns - scale.start_ns)
    counts = Counter([(at_ns - start_ns) * BUCKETS // span_ns for at_ns in instants])
    inside: Counter[int] = Counter()
    for index, n in counts.items():
        inside[min(BUCKETS - 1, max(0, index))] += n
    return [Bucket(index, n) for index, n in sorted(inside.items())]


def bucketed_highest(scale: TimeScale, points: Sequence[tuple[int, float]], buckets: int) -> list[tuple[int, float]]:
    """Return ``points`` (instant, value), reduced to the highest of each part of the axis if there are more than
    ``buckets``.
    """
    if len(points) <= buckets:
        return list(points)
    highest: dict[int, tuple[int, float]] = {}
    start_ns, span_ns = scale.start_ns, max(1, scale.end_ns - scale.start_ns)
    for at_ns, value in points:
        index = min(buckets - 1, max(0, (at_ns - start_ns) * buckets // span_ns))
        if index not in highest or value > highest[index][1]:
            highest[index] = (at_ns, value)
    return [highest[index] for index in sorted(highest)]


def instant(ns: int, span_ns: int) -> str:
    """Format an instant from the begin of a run of length ``span_ns``: ``1,250 ms``, ``0.84 ms``, ``12.5 s``."""
    if span_ns >= 10 * SECOND:
        return f"{_number(ns / SECOND, 2)} s"
    return f"{_number(ns / MS, 0 if span_ns >= 100 * MS else 2)} ms"


def coord(value: float) -> str:
    """Format a coordinate as short as possible, because a page has tens of thousands of them."""
    return f"{value:.1f}".removesuffix(".0")


def _number(value: float, places: int) -> str:
    """Format a number without trailing zeros: ``1,250``, ``12.5``."""
    said = f"{value:,.{places}f}"
    said = said.rstrip("0").rstrip(".") if "." in said else said
    return "0" if said == "-0" else said


def safe(said: str, longest: int = _LONGEST) -> str:
    """Return untrusted text cut to ``longest`` characters, without control characters, escaped for HTML."""
    if len(said) > longest:
        said = said[: longest - 1] + "…"
    return escape(printable(said))


def text_width(said: str, *, bold: bool = False) -> float:
    """Estimate the width of ``said`` as small text."""
    return len(said) * (_BOLD_CHARACTER if bold else _CHARACTER)


def text(x: float, y: float, markup: str, classes: str = "", *, anchor: str = "", tip: str = "") -> str:
    """Return a text element. ``markup`` and ``tip`` must already be escaped."""
    names = " ".join(filter(None, (classes, anchor)))
    return f'<text x="{coord(x)}" y="{coord(y)}"{_class(names)}>{_tip(tip)}{markup}</text>'


def rect(x: float, y: float, width: float, height: float, classes: str, tip: str = "") -> str:
    """Return a rectangle. ``tip`` must already be escaped."""
    shape = f'<rect x="{coord(x)}" y="{coord(y)}" width="{coord(width)}" height="{coord(height)}"{_class(classes)}'
    return f"{shape}>{_tip(tip)}</rect>" if tip else f"{shape}/>"


def path(data: str, classes: str, tip: str = "") -> str:
    """Return a path. ``tip`` must already be escaped."""
    shape = f'<path d="{data}"{_class(classes)}'
    return f"{shape}>{_tip(tip)}</path>" if tip else f"{shape}/>"


def tall(buckets: Sequence[Bucket], y: float, height: float, classes: str, tip: str = "") -> str:
    """Return counts as bars that stand on ``y``; the highest has ``height``, and each is visible. ``tip`` must already
    be escaped.
    """
    most = max(b.marks for b in buckets)
    width = (RIGHT - LEFT) / BUCKETS
    ups = [(part, max(2, round(height * n / most))) for part, n in buckets]
    bars = "".join(f"M{coord(LEFT + part * width)} {coord(y)}v-{up}h{coord(width - 1)}v{up}z" for part, up in ups)
    return path(bars, f"bars {classes}", tip)


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""


def _tip(tip: str) -> str:
    return f"<title>{tip}</title>" if tip else ""
