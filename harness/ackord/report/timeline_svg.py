"""Hand-written SVG in a few pure functions: a scale, text that is safe to show, marks, and what is done when there are too many of them."""

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
"""Of a drawing; names stand left of ``LEFT``, figures right of ``RIGHT``, time runs between the two."""
BUCKETS = 100
"""Parts of the time axis by which too many marks are counted: 8 wide each."""
SINGLY = 60
"""The most marks of a row that are drawn one by one; a browser, and a reader, lose count of more."""
_LONGEST = 60
"""Characters of a name that came from outside."""
_CHARACTER, _BOLD_CHARACTER = 6.5, 7.6
"""The width of a character of small text, on the safe side."""


class SvgLane(NamedTuple):
    """Something drawn from 0 downwards."""

    height: float
    svg: str


class TimeScale(NamedTuple):
    """From an instant to a place on the time axis."""

    start_ns: int
    end_ns: int

    def x(self, at_ns: int) -> float:
        """Where ``at_ns`` is; what lies outside is drawn at the edge."""
        inside_ns = min(max(at_ns, self.start_ns), self.end_ns)
        return LEFT + (RIGHT - LEFT) * (inside_ns - self.start_ns) / max(1, self.end_ns - self.start_ns)

    def bucket(self, at_ns: int, buckets: int = BUCKETS) -> int:
        """Which of ``buckets`` equal parts of the axis ``at_ns`` is in, from 0."""
        part = (at_ns - self.start_ns) * buckets // max(1, self.end_ns - self.start_ns)
        return int(min(buckets - 1, max(0, part)))

    def bucket_ns(self, buckets: int = BUCKETS) -> int:
        return max(1, self.end_ns - self.start_ns) // buckets

    def ticks(self) -> list[tuple[int, str]]:
        """Round instants, at most eleven, each with its label: ``500 ms`` for a short run, ``12 s`` for one of 10 s and more."""
        span_ns = max(1, self.end_ns - self.start_ns)
        step_ns = next(s for e in range(len(str(span_ns))) for s in (10**e, 2 * 10**e, 5 * 10**e) if span_ns <= 10 * s)
        return [(self.start_ns + ns, instant(ns, span_ns)) for ns in range(0, span_ns + 1, step_ns)]


class Bucket(NamedTuple):
    """How many marks fell into one part of the axis."""

    part: int
    marks: int


def bucketed(scale: TimeScale, instants: Iterable[int]) -> list[Bucket]:
    """The parts of the axis that hold any of ``instants``, in order."""
    start_ns, span_ns = scale.start_ns, max(1, scale.end_ns - scale.start_ns)
    counts = Counter([(at_ns - start_ns) * BUCKETS // span_ns for at_ns in instants])
    inside: Counter[int] = Counter()
    for index, n in counts.items():
        inside[min(BUCKETS - 1, max(0, index))] += n
    return [Bucket(index, n) for index, n in sorted(inside.items())]


def bucketed_highest(scale: TimeScale, points: Sequence[tuple[int, float]], buckets: int) -> list[tuple[int, float]]:
    """``points`` (instant, value) as they are or, where there are more than ``buckets``, the highest of each part of the axis."""
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
    """An instant of a run that lasted ``span_ns``, counted from its begin: ``1,250 ms``, ``0.84 ms``, ``12.5 s``."""
    if span_ns >= 10 * SECOND:
        return f"{_number(ns / SECOND, 2)} s"
    return f"{_number(ns / MS, 0 if span_ns >= 100 * MS else 2)} ms"


def coord(value: float) -> str:
    """A place in the drawing, as short as it goes: a page has tens of thousands of them."""
    return f"{value:.1f}".removesuffix(".0")


def _number(value: float, places: int) -> str:
    """``1,250``, ``12.5``: no decimals that say nothing."""
    said = f"{value:,.{places}f}"
    said = said.rstrip("0").rstrip(".") if "." in said else said
    return "0" if said == "-0" else said


def safe(said: str, longest: int = _LONGEST) -> str:
    """Text that came from outside, cut to ``longest`` characters, without controls, and without meaning for HTML."""
    if len(said) > longest:
        said = said[: longest - 1] + "…"
    return escape(printable(said))


def text_width(said: str, *, bold: bool = False) -> float:
    """About how wide ``said`` is as small text."""
    return len(said) * (_BOLD_CHARACTER if bold else _CHARACTER)


def text(x: float, y: float, markup: str, classes: str = "", *, anchor: str = "", tip: str = "") -> str:
    """``markup`` and ``tip`` must be safe already."""
    names = " ".join(filter(None, (classes, anchor)))
    return f'<text x="{coord(x)}" y="{coord(y)}"{_class(names)}>{_tip(tip)}{markup}</text>'


def rect(x: float, y: float, width: float, height: float, classes: str, tip: str = "") -> str:
    """``tip`` must be safe already."""
    shape = f'<rect x="{coord(x)}" y="{coord(y)}" width="{coord(width)}" height="{coord(height)}"{_class(classes)}'
    return f"{shape}>{_tip(tip)}</rect>" if tip else f"{shape}/>"


def path(data: str, classes: str, tip: str = "") -> str:
    """``tip`` must be safe already."""
    shape = f'<path d="{data}"{_class(classes)}'
    return f"{shape}>{_tip(tip)}</path>" if tip else f"{shape}/>"


def tall(buckets: Sequence[Bucket], y: float, height: float, classes: str, tip: str = "") -> str:
    """Counts as bars that stand on ``y``: the highest is ``height`` high, and every one can be seen. ``tip`` must be safe already."""
    most = max(b.marks for b in buckets)
    width = (RIGHT - LEFT) / BUCKETS
    ups = [(part, max(2, round(height * n / most))) for part, n in buckets]
    bars = "".join(f"M{coord(LEFT + part * width)} {coord(y)}v-{up}h{coord(width - 1)}v{up}z" for part, up in ups)
    return path(bars, f"bars {classes}", tip)


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""


def _tip(tip: str) -> str:
    return f"<title>{tip}</title>" if tip else ""
