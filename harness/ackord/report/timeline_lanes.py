"""Draws the lanes of a timeline: time axis, phases, faults, replication and operations, each from y = 0 downwards on
one scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from ..core.event import FaultChange, ReplicationSample
from ..core.history import Exchange
from .exchange_text import kind_word
from .fault_context import fault_detail
from .format import count, in_ms
from .timeline_data import FaultTimeline, OperationGroup, OperationResult, TimelineData, TimeSpan
from .timeline_svg import (
    BUCKETS,
    LEFT,
    RIGHT,
    SINGLY,
    Bucket,
    SvgLane,
    TimeScale,
    bucketed,
    bucketed_highest,
    coord,
    instant,
    path,
    rect,
    safe,
    tall,
    text,
    text_width,
)

__all__ = ["CLASSES", "axis", "bands", "fault_lane", "operations_lanes", "phases_lane", "replication_lane"]

CLASSES = {
    OperationResult.OK: "ok",
    OperationResult.NOT_FOUND: "missing",
    OperationResult.FAILED: "failed",
    OperationResult.OTHER: "other",
    OperationResult.NONE: "none",
}
"""CSS classes of outcomes; every row also names its outcome in words."""
_SHORT = {OperationGroup.WRITES: "submits", OperationGroup.QUERIES: "queries", OperationGroup.OTHERS: "others"}
_PAINTED = ("steady", "disturb", "heal", "settle")
_STEPS = (RIGHT - LEFT) // 3
_NAME = 30
_ROW = 18
_LAG_HEIGHT = 56


def axis(scale: TimeScale, *, counted: bool) -> SvgLane:
    """Draw the axis: round instants from the run's begin; if something is ``counted``, also the length of the axis's
    parts.
    """
    marks = [
        path(f"M{coord(scale.x(ns))} 16v5", "tick") + text(scale.x(ns), 12, label, "small", anchor="middle")
        for ns, label in scale.ticks()
    ]
    name = text(LEFT - 26, 12, "from the run's begin", "small", anchor="end")
    bars = text(RIGHT + 26, 12, f"bars: {_part(scale)} each", "small") if counted else ""
    return SvgLane(22, name + "".join(marks) + bars)


def bands(scale: TimeScale, phases: Sequence[tuple[str, TimeSpan]], height: float) -> str:
    """Draw the phases as a background of all lanes."""
    return "".join(
        rect(scale.x(span.start_ns), 0, scale.x(span.end_ns) - scale.x(span.start_ns), height, _band(name))
        for name, span in phases
    )


def phases_lane(scale: TimeScale, phases: Sequence[tuple[str, TimeSpan]]) -> SvgLane:
    """Draw the phases' names where there is room; a narrow phase shows its name as a tooltip."""
    drawn = [text(LEFT - 10, 14, "phase", anchor="end")]
    for name, span in phases:
        x, width = scale.x(span.start_ns), scale.x(span.end_ns) - scale.x(span.start_ns)
        tip = f"{safe(name)}: {_stretch(scale, span)}"
        drawn.append(rect(x, 2, max(2, width - 1), 16, f"phase {_band(name)}", tip))
        if width > text_width(name) + 6:
            drawn.append(text(x + width / 2, 14, safe(name), "small", anchor="middle", tip=tip))
    return SvgLane(22, "".join(drawn))


def _band(name: str) -> str:
    return name if name in _PAINTED else "strange"


# -- faults ------------------------------------------------------------------------------------------------------------


def fault_lane(scale: TimeScale, story: FaultTimeline) -> SvgLane:
    """Draw a fault: a thin line while armed, a bar while active (hollow without a recorded effect), ticks where it
    fired, diamonds where it was effective.
    """
    seam = f"{safe(story.seam, 14)} seam: " if story.seam else ""
    said, quiet = _effect(story)
    drawn = [
        text(LEFT - 10, 13, safe(story.name, _NAME), anchor="end"),
        text(LEFT - 10, 26, f"{seam}{said}", f"small{' alarm' if quiet else ''}", anchor="end"),
    ]
    for span in story.armed:
        x = scale.x(span.start_ns)
        drawn.append(rect(x, 12, max(1, scale.x(span.end_ns) - x), 1.5, "armed", _tip_of(scale, "armed", span)))
    on = "on" if story.shown else "idle"
    for spans, verb, classes in ((story.planned, "in force by its schedule", "plan"), (story.on, "in force", on)):
        drawn.append(_bars(scale, spans, verb, classes))
    drawn += [_fired(scale, story.fired), _blows(scale, story.blows)]
    for f in story.effective[:SINGLY]:
        place = coord(scale.x(f.at_ns))
        tip = f"shown to be effective at {_at(scale, f.at_ns)}{_detail(f)}"
        drawn.append(path(f"M{place} 12.5m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", "effective", tip))
    return SvgLane(32, "".join(drawn))


def _bars(scale: TimeScale, spans: Sequence[TimeSpan], verb: str, classes: str) -> str:
    """Draw one bar per interval; if there are too many, bars that touch in the drawing are merged."""
    places = [(scale.x(span.start_ns), max(2.0, scale.x(span.end_ns) - scale.x(span.start_ns))) for span in spans]
    if len(spans) <= SINGLY:
        pairs = zip(places, spans, strict=True)
        return "".join(rect(x, 6, width, 13, classes, _tip_of(scale, verb, span)) for (x, width), span in pairs)
    joined: list[tuple[float, float]] = []
    for x, width in places:
        if joined and x - 1 <= sum(joined[-1]):
            joined[-1] = joined[-1][0], x + width - joined[-1][0]
        else:
            joined.append((x, width))
    data = "".join(f"M{round(x)} 6h{ceil(width)}v13h-{ceil(width)}z" for x, width in joined)
    return path(data, classes, f"{verb} {count(len(spans), 'time')}, first {_tip_of(scale, '', spans[0]).strip()}")


def _effect(story: FaultTimeline) -> tuple[str, bool]:
    """Return the text about the fault's recorded effect, and whether there is none."""
    shown = []
    if story.blows:
        shown.append("struck once" if len(story.blows) == 1 else f"struck {len(story.blows):,} times")
    if story.fired:
        shown.append(f"fired {len(story.fired):,}×")
    if story.effective and not shown:
        shown.append("effect shown")
    return (", ".join(shown), False) if shown else ("no effect shown", True)


def _fired(scale: TimeScale, fired: Sequence[FaultChange]) -> str:
    if not fired:
        return ""
    if len(fired) <= SINGLY:
        return "".join(
            rect(
                scale.x(f.at_ns) - 0.75,
                20,
                1.5,
                8,
                "fired",
                f"fired on operation {f.op} at {_at(scale, f.at_ns)}{_detail(f)}",
            )
            for f in fired
        )
    buckets = bucketed(scale, [f.at_ns for f in fired])
    most = max(b.marks for b in buckets)
    tip = f"fired {len(fired):,}×, on at most {most:,} operations in {_part(scale)}"
    return tall(buckets, 29, 9, "fired", tip) + text(RIGHT + 8, 28, _density(most), "small")


def _blows(scale: TimeScale, blows: Sequence[FaultChange]) -> str:
    """Draw diamonds; if there are too many, one for each part of the axis."""
    shown = blows
    if len(blows) > SINGLY:
        shown = list({scale.bucket(f.at_ns, SINGLY): f for f in blows}.values())
    drawn = [
        path(
            f"M{coord(scale.x(f.at_ns))} 5.5l7 7l-7 7l-7 -7z",
            "blow",
            f"struck at {_at(scale, f.at_ns)}{_detail(f)}",
        )
        for f in shown
    ]
    if len(shown) < len(blows):
        drawn.append(text(RIGHT + 8, 16, f"{len(shown)} of {len(blows):,} drawn", "small"))
    return "".join(drawn)


# -- replication -------------------------------------------------------------------------------------------------------


def replication_lane(scale: TimeScale, samples: Sequence[ReplicationSample], replica: str = "standby") -> SvgLane:
    """Draw the probed lag as a step line over the lag in bytes as an area, each on its own scale."""
    if not samples:
        return SvgLane(0, "")
    behind = [(s.at_ns, float(max(0, s.primary_lsn - s.standby_lsn))) for s in samples]
    lags = [(s.at_ns, float(max(0, s.probe_lag_ns))) for s in samples if s.probe_lag_ns is not None]
    most_bytes, most_lag_ns = max(b for _, b in behind), max((lag for _, lag in lags), default=0.0)
    base = 10 + _LAG_HEIGHT
    drawn = [
        text(LEFT - 10, 16, "replication", anchor="end"),
        text(
            LEFT - 10,
            30,
            f"line: lag as probed, to {in_ms(round(most_lag_ns))} ms" if lags else "lag: never probed",
            "small",
            anchor="end",
        ),
        text(LEFT - 10, 43, f"area: {safe(replica)} behind, to {most_bytes:,.0f} bytes", "small", anchor="end"),
        path(f"M{LEFT} {base}H{RIGHT}", "base"),
    ]
    if most_bytes:
        steps = _steps(scale, bucketed_highest(scale, behind, _STEPS), most_bytes)
        tip = f"the {safe(replica)} was behind, at most {most_bytes:,.0f} bytes; {count(len(behind), 'sample')}"
        drawn.append(path(f"M{steps}V{base}H{steps.split(' ')[0]}z", "behind", tip))
        drawn.append(text(RIGHT + 8, 14, f"{most_bytes:,.0f} bytes", "small"))
    if lags:
        tip = f"lag as probed, at most {in_ms(round(most_lag_ns))} ms; {count(len(lags), 'probe')}"
        drawn.append(path(f"M{_steps(scale, bucketed_highest(scale, lags, _STEPS), most_lag_ns or 1.0)}", "lag", tip))
        drawn.append(text(RIGHT + 8, 28, f"{in_ms(round(most_lag_ns))} ms lag", "small"))
    drawn.append(text(RIGHT + 8, base, "0", "small"))
    if len(behind) > _STEPS:
        drawn.append(text(RIGHT + 8, 43, f"highest per {_part(scale, _STEPS)}", "small"))
    return SvgLane(base + 8, "".join(drawn))


def _steps(scale: TimeScale, points: Sequence[tuple[int, float]], most: float) -> str:
    """Return the path ``x y`` in steps: a value holds until the next one is known."""
    base = 10 + _LAG_HEIGHT
    places = [(coord(scale.x(ns)), coord(base - _LAG_HEIGHT * v / most)) for ns, v in points]
    return (
        f"{places[0][0]} {places[0][1]}"
        + "".join(f"H{x}V{y}" if y != before else "" for (_, before), (x, y) in pairwise(places))
        + f"H{places[-1][0]}"
    )


# -- operations --------------------------------------------------------------------------------------------------------


def operations_lanes(scale: TimeScale, drawn: TimelineData) -> SvgLane:
    """Draw one row per outcome, for writes and for queries: a mark for each operation, or a bar for each part of the
    axis if there are too many.

    The bars of all rows share one tooltip for each part of the axis.
    """
    y, parts = 0.0, []
    counted: dict[int, dict[OperationGroup, list[str]]] = {}
    for kind in OperationGroup:
        rows = [(outcome, xs) for outcome in OperationResult if (xs := drawn.operations.get((kind, outcome)))]
        for i, (outcome, xs) in enumerate(rows):
            name = text(LEFT - 100, 13, kind.value, anchor="end") if i == 0 else ""
            name += text(LEFT - 10, 13, outcome.value, f"outcome {CLASSES[outcome]}", anchor="end")
            if len(xs) <= SINGLY:
                row = "".join(_mark(scale, x, CLASSES[outcome]) for x in xs) + text(
                    RIGHT + 8, 13, f"{len(xs)}", "small"
                )
            else:
                buckets = bucketed(scale, [x[6] for x in xs])
                for part, n in buckets:
                    counted.setdefault(part, {}).setdefault(kind, []).append(f"{n:,} {outcome.value}")
                row = _dense_row(buckets, len(xs), CLASSES[outcome])
            base = path(f"M{LEFT} 16H{RIGHT}", "base")
            parts.append(f'<g transform="translate(0 {coord(y)})">{name}{base}{row}</g>')
            y += _ROW
        y += 8 if rows else 0
    return SvgLane(y, _columns(scale, counted, y) + "".join(parts))


def _dense_row(buckets: Sequence[Bucket], total: int, classes: str) -> str:
    said = f"{total:,}; {_density(max(b.marks for b in buckets))}"
    return tall(buckets, 16, 14, classes) + text(RIGHT + 8, 13, said, "small")


def _columns(scale: TimeScale, counted: dict[int, dict[OperationGroup, list[str]]], height: float) -> str:
    """Return the tooltip of one part of the axis."""
    width, length_ns = (RIGHT - LEFT) / BUCKETS, scale.bucket_ns()
    columns = [
        f'<path d="M{coord(LEFT + part * width)} 0h{coord(width)}v{coord(height)}h-{coord(width)}z">'
        f"<title>{_at(scale, scale.start_ns + part * length_ns)}: {_counts(by_kind)}</title></path>"
        for part, by_kind in sorted(counted.items())
    ]
    return f'<g class="columns">{"".join(columns)}</g>'


def _counts(by_kind: dict[OperationGroup, list[str]]) -> str:
    return "; ".join(f"{_SHORT[kind]} {', '.join(said)}" for kind, said in by_kind.items())


def _mark(scale: TimeScale, x: Exchange, classes: str) -> str:
    begin, end = scale.x(x.begin_ns), scale.x(x.complete_ns if x.complete_ns is not None else x.begin_ns)
    took = f", answered after {in_ms(x.complete_ns - x.begin_ns)} ms" if x.complete_ns is not None else ""
    said = f": {safe(x.detail)}" if x.detail else ""
    tip = f"{kind_word(x.kind)} {x.op} of order {safe(x.order, 40)} at {_at(scale, x.begin_ns)}{took}{said}"
    return rect(begin, 4, max(2.0, end - begin), 11, classes, tip)


# -- words -------------------------------------------------------------------------------------------------------------


def _density(most: int) -> str:
    return f"highest bar {most:,}"


def _part(scale: TimeScale, parts: int = 0) -> str:
    length_ns = scale.bucket_ns(parts) if parts else scale.bucket_ns()
    return f"{in_ms(length_ns)} ms"


def _at(scale: TimeScale, at_ns: int) -> str:
    return instant(at_ns - scale.start_ns, scale.end_ns - scale.start_ns)


def _stretch(scale: TimeScale, span: TimeSpan) -> str:
    until = "the end of the record" if span.open else _at(scale, span.end_ns)
    return f"{_at(scale, span.start_ns)} to {until}"


def _tip_of(scale: TimeScale, verb: str, span: TimeSpan) -> str:
    details = dict.fromkeys(detail for f in span.said if (detail := safe(fault_detail(f.detail), 120)))
    return f"{verb} {_stretch(scale, span)}" + "".join(f"; {detail}" for detail in details)


def _detail(f: FaultChange) -> str:
    said = safe(fault_detail(f.detail), 120)
    return f": {said}" if said else ""
