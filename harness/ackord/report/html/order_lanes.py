"""Draws one order over time: a row for each actor, node and vantage, each with its own axis, faults as bands behind.

The drawing is SVG without a view box: places are in percent and texts in pixels, so that it fits 420 pixels as well as
1,400 without a script.
"""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from ..format import milliseconds, relative
from .fault_activity import FaultTimeline
from .markup import safe
from .order_items import BROKE, Lane, OrderItem, Place
from .order_record import OrderRecord
from .time_axis import TimeAxis, axis_labels, packed, percent, time_axis

__all__ = ["order_lanes"]

_LEFT, _RIGHT = 1.0, 93.0
_ROOM = 6.5
"""The width of a number, in percent of a narrow page. A narrower mark has it beside."""
_LINE, _AXIS, _TOP = 22, 16, 4
"""Pixels: of a line of marks, of the axis below them, above them."""
_NAMED = 40.0
"""A fault that begins before has its name where it begins, and else at the left."""
_FAULTS = 8
"""The most faults that are drawn."""
_THIN = 0.5
_SIGNS = {"ack": "ack ", "alarm": "✗ "}
_BANDS = 40
"""The most bands of a fault."""


class _LaneRow(NamedTuple):
    lane: Lane
    places: list[tuple[OrderItem, Place]]


class _Line(NamedTuple):
    """A vertical line through all rows."""

    at_ns: int
    classes: str
    name: str


def order_lanes(record: OrderRecord, items: list[OrderItem], anchor: str) -> str:
    """Return the drawing; empty if the record has nothing of the order. Marks lead to the items of the list below."""
    if not items:
        return ""
    axis = time_axis(((p.begin_ns, p.end_ns) for item in items for p in item.places), _LEFT, _RIGHT)
    first_ns, last_ns = record.span
    faults = [f for f in record.faults if _spans(f, first_ns, last_ns)]
    lines = _verticals(record, items)
    background = _bands(axis, faults, first_ns, last_ns)
    rows = [_fault_row(axis, record, faults, lines)] if faults else []
    placed = sorted(((p.lane, item, p) for item in items for p in item.places), key=lambda t: t[0])
    for lane, group in groupby(placed, key=lambda t: t[0]):
        row = _LaneRow(lane, [(item, place) for _, item, place in sorted(group, key=lambda t: t[2].begin_ns)])
        rows.append(_row(axis, record, row, lines, background, anchor))
    return f'<div class="lanes" role="group" aria-label="Order over time">{"".join(rows)}</div>'


def _verticals(record: OrderRecord, items: list[OrderItem]) -> list[_Line]:
    lines = []
    acknowledged_ns = record.order.acknowledged_ns
    if acknowledged_ns is not None:
        lines.append(_Line(acknowledged_ns, "ack", "acknowledged"))
    broke = [p for item in items if BROKE in item.marks for p in item.places]
    if broke:
        # What the judged vantage saw is what counts: the provider's where it has one.
        last = max(broke, key=lambda p: (p.lane.rank, p.end_ns))
        lines.append(_Line(last.end_ns, "alarm", "contradicted" if last.lane.rank < 5 else "money moved"))
    return lines


def _row(axis: TimeAxis, record: OrderRecord, row: _LaneRow, lines: list[_Line], background: str, anchor: str) -> str:
    boxes = []
    for _, place in row.places:
        x = axis.x(place.begin_ns)
        width = max(_THIN, axis.x(place.end_ns) - x)
        boxes.append((x, width if width >= _ROOM else width + _ROOM))
    at = packed([(x, x + width) for x, width in boxes])
    height = _TOP + _LINE * (max(at) + 1)
    marks = []
    for (item, place), (x, _), line in zip(row.places, boxes, at, strict=True):
        marks.append(_mark(item, x, max(_THIN, axis.x(place.end_ns) - x), _TOP + _LINE * line, anchor))
    return _lane(axis, record, row.lane, background + _drawn(axis, lines, height) + "".join(marks), height, lines)


def _mark(item: OrderItem, x: float, width: float, y: int, anchor: str) -> str:
    broke = BROKE in item.marks
    name = f"{item.number}: {item.label}" + "".join(f", {mark}" for mark in item.marks)
    sign = "✗" if broke else ""
    inside = width >= _ROOM
    at, classes = (x, "") if inside else (x + width, "beside")
    return (
        f'<a href="#{anchor}-{item.number}" aria-label="{name}"><title>{name}</title>'
        f'<rect x="{percent(x)}" y="{y + 2}" width="{percent(width)}" height="16" '
        f'class="{item.classes}{" broke" if broke else ""}"/>'
        f'<text x="{percent(at)}" dx="3" y="{y + 14}" class="{classes}">{item.number}{sign}</text></a>'
    )


def _lane(axis: TimeAxis, record: OrderRecord, lane: Lane, inner: str, height: int, lines: list[_Line]) -> str:
    return (
        f'<div class="lane"><p class="lane-name"><strong>{lane.name}</strong> <span>{lane.seen}</span></p>'
        f'<svg width="100%" height="{height + _AXIS}" role="group" aria-label="{lane.name}, {lane.seen}">'
        f"{inner}{_axis(axis, record, height, lines)}</svg></div>"
    )


def _axis(axis: TimeAxis, record: OrderRecord, height: int, lines: list[_Line]) -> str:
    parts = [f'<line x1="0" x2="100%" y1="{height}" y2="{height}" class="base"/>']
    for label in axis_labels(axis, (line.at_ns for line in lines)):
        x = percent(label.x)
        parts.append(
            f'<line x1="{x}" x2="{x}" y1="{height}" y2="{height + 4}" class="tick"/>'
            f'<text x="{x}" y="{height + 14}" class="small{" end" if label.ends else ""}">'
            f"{_tick(record, label.at_ns, lines)}</text>"
        )
    return "".join(parts)


def _tick(record: OrderRecord, at_ns: int, lines: list[_Line]) -> str:
    sign = next((_SIGNS[line.classes] for line in lines if line.at_ns == at_ns), "")
    return sign + ("0" if at_ns == record.origin_ns else relative(at_ns - record.origin_ns))


def _drawn(axis: TimeAxis, lines: list[_Line], height: int) -> str:
    """Return the lines through a row, and its cuts."""
    parts = []
    for x, idle_ns in axis.cuts:
        parts.append(
            f'<line x1="{percent(x)}" x2="{percent(x)}" y1="0" y2="{height}" class="cut">'
            f"<title>{milliseconds(idle_ns)} without anything, cut short</title></line>"
        )
    for line in lines:
        at = percent(axis.x(line.at_ns))
        parts.append(
            f'<line x1="{at}" x2="{at}" y1="0" y2="{height}" class="{line.classes}"><title>{line.name}</title></line>'
        )
    return "".join(parts)


# -- faults ------------------------------------------------------------------------------------------------------------


def _spans(f: FaultTimeline, first_ns: int, last_ns: int) -> list[tuple[int, int]]:
    """Return when the fault was in force while the order was under way."""
    return [
        (max(first_ns, s.start_ns), min(last_ns, s.end_ns))
        for s in f.spans
        if s.start_ns <= last_ns and s.end_ns >= first_ns
    ][:_BANDS]


def _bands(axis: TimeAxis, faults: list[FaultTimeline], first_ns: int, last_ns: int) -> str:
    return "".join(
        f'<rect x="{percent(axis.x(start))}" y="0" width="{percent(max(0.4, axis.x(end) - axis.x(start)))}" '
        'height="100%" class="band"/>'
        for f in faults[:_FAULTS]
        for start, end in _spans(f, first_ns, last_ns)
    )


def _fault_row(axis: TimeAxis, record: OrderRecord, faults: list[FaultTimeline], lines: list[_Line]) -> str:
    first_ns, last_ns = record.span
    parts = []
    for i, f in enumerate(faults[:_FAULTS]):
        y = _TOP + i * _LINE
        for start, end in _spans(f, first_ns, last_ns):
            x, width = axis.x(start), max(0.4, axis.x(end) - axis.x(start))
            parts.append(f'<rect x="{percent(x)}" y="{y + 2}" width="{percent(width)}" height="16" class="fault"/>')
        state = "in force" if f.on or f.planned else "armed"
        begin = axis.x(_spans(f, first_ns, last_ns)[0][0])
        at = percent(begin if begin < _NAMED else 0)
        parts.append(f'<text x="{at}" dx="6" y="{y + 14}" class="on-fault">{safe(f.name, 40)}, {state}</text>')
    height = _TOP + _LINE * min(len(faults), _FAULTS)
    more = f"{len(faults) - _FAULTS} more not drawn" if len(faults) > _FAULTS else "as they were injected"
    inner = _drawn(axis, lines, height) + "".join(parts)
    return _lane(axis, record, Lane(0, "faults", more), inner, height, lines)
