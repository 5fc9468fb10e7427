"""Draws orders that broke a guarantee, each on its own line with every exchange and its answer; idle intervals are
shortened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..core.event import Movement
from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.payment_state import PaymentState
from ..core.verdict import Finding, Result
from .exchange_text import describe, describe_movement, kind_word
from .format import count, relative
from .timeline_data import BrokenOrder, BrokenOrders, outcome_of
from .timeline_lanes import CLASSES
from .timeline_svg import LEFT, RIGHT, WIDTH, SvgLane, TimeScale, coord, path, rect, safe, text, text_width

__all__ = ["EXCHANGES", "CompressedAxis", "broken_lane", "compressed_axis", "order_lane", "packed"]

EXCHANGES = 16
"""The most exchanges of an order that are drawn; the others are counted."""
_MOVEMENTS = 4
_NAMED = 2
_LINE = 16
_HEAD = 20


# -- where they are in the run -----------------------------------------------------------------------------------------


def broken_lane(scale: TimeScale, broken: BrokenOrders, anchor: str) -> SvgLane:
    """Draw on the run's axis the interval in which each broken order was active, labelled with its number in the
    drawing below.
    """
    if not broken.drawn:
        return SvgLane(0, "")
    spans = []
    for number, b in enumerate(broken.drawn, 1):
        begin_ns, end_ns = _extent(b)
        spans.append((scale.x(begin_ns), max(scale.x(end_ns), scale.x(begin_ns) + 3), number))
    lines = packed([(begin, max(end, begin + 4 + text_width(str(n)))) for begin, end, n in spans])
    drawn = [text(LEFT - 10, 13, "orders that broke a guarantee", "alarm", anchor="end")]
    for (begin, end, number), line in zip(spans, lines, strict=True):
        y, b = 2 + line * 14, broken.drawn[number - 1]
        tip = f"order {safe(b.order.number or b.findings[0].order)}: {safe(b.findings[0].guarantee)}"
        mark = rect(begin, y + 10, end - begin, 3, _worst(b)) + text(begin, y + 9, str(number), "small")
        drawn.append(f'<a href="#{anchor}-{number}"><title>{tip}</title>{mark}</a>')
    return SvgLane(8 + 14 * (max(lines) + 1), "".join(drawn))


def _extent(b: BrokenOrder) -> tuple[int, int]:
    instants = [ns for x in _exchanges(b.order) for ns in (x.begin_ns, x.complete_ns) if ns is not None]
    at_ns = b.findings[0].at_ns
    return min(instants, default=at_ns), max(instants, default=at_ns)


# -- one order ---------------------------------------------------------------------------------------------------------


class CompressedAxis(NamedTuple):
    """A time axis with shortened idle intervals: knots (instant, x), linear between two of them."""

    knots: tuple[tuple[int, float], ...]
    cuts: tuple[tuple[float, int], ...]
    """The middle of each shortened interval, and its length (ns)."""

    def x(self, at_ns: int) -> float:
        for (start_ns, left), (end_ns, right) in pairwise(self.knots):
            if at_ns <= end_ns:
                return left + (right - left) * max(0.0, (at_ns - start_ns) / max(1, end_ns - start_ns))
        return self.knots[-1][1]


def compressed_axis(busy: Iterable[tuple[int, int]], left: float, right: float) -> CompressedAxis:
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
        return CompressedAxis(((0, left),), ())
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
    return CompressedAxis(tuple(zip(instants, places, strict=True)), cuts)


def packed(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Assign each interval to the first line on which it overlaps no earlier one."""
    ends: list[float] = []
    lines = []
    for begin, end in spans:
        line = next((i for i, taken in enumerate(ends) if taken + 4 <= begin), len(ends))
        if line == len(ends):
            ends.append(end)
        else:
            ends[line] = end
        lines.append(line)
    return lines


class _Item(NamedTuple):
    """A drawn element of an order: an exchange, or a movement of money."""

    begin_ns: int
    end_ns: int
    label: str
    tip: str
    classes: str
    broke: bool


def order_lane(number: int, b: BrokenOrder, *, currency: str, anchor: str) -> SvgLane:
    """Draw one order: its number, what it broke, and every exchange with the instant of its request relative to the
    acknowledgement.
    """
    items, left_out = _items(b, currency)
    head = _head(number, b, left_out)
    if not items:
        return SvgLane(_HEAD + 22, head + text(LEFT, _HEAD + 12, "its exchanges are not in this record", "small"))
    axis = compressed_axis([(i.begin_ns, i.end_ns) for i in items], LEFT, RIGHT - 190)
    boxes = [_box(axis, item) for item in items]
    lines = packed(
        [
            (min(x, at), max(x + width, at + text_width(i.label, bold=i.broke)))
            for (x, width, at), i in zip(boxes, items, strict=True)
        ]
    )
    height = _HEAD + _LINE * (max(lines) + 1)
    drawn = [head]
    acknowledged_ns = b.order.acknowledged_ns
    if acknowledged_ns is not None:
        place = coord(axis.x(acknowledged_ns))
        drawn.append(path(f"M{place} {_HEAD - 4}V{coord(height)}", "ack", "acknowledged: times count from here"))
    for x, idle_ns in axis.cuts:
        place = coord(x)
        tip = f"{relative(idle_ns).lstrip('+')} without a request in flight, cut short"
        drawn.append(path(f"M{place} {_HEAD - 4}V{coord(height)}", "cut", tip))
    for (x, width, at), item, line in zip(boxes, items, lines, strict=True):
        y = _HEAD + line * _LINE
        bar = rect(x, y + 1, width, 12, f"{item.classes}{' broke' if item.broke else ''}")
        words = text(at, y + 11, item.label, "alarm" if item.broke else "")
        drawn.append(f"<g><title>{item.tip}</title>{bar}{words}</g>")
    return SvgLane(height + 8, f'<g id="{anchor}-{number}" class="exchanges">{"".join(drawn)}</g>')


def _box(axis: CompressedAxis, item: _Item) -> tuple[float, float, float]:
    """Return where the bar begins, its width, and where its text begins: after the bar, or before it at the end of the
    drawing.
    """
    x = axis.x(item.begin_ns)
    width = max(4.0, axis.x(item.end_ns) - x)
    after, wide = x + width + 4, text_width(item.label, bold=item.broke)
    return x, width, after if after + wide <= WIDTH else max(LEFT, x - 4 - wide)


def _head(number: int, b: BrokenOrder, left_out: int) -> str:
    first = b.findings[0]
    account = f" of account {safe(first.account, 20)}" if first.account else ""
    broken = list(dict.fromkeys(f"{f.result.value} {safe(f.guarantee)}" for f in b.findings))
    guarantees = ", ".join(broken[:_NAMED]) + (f" and {len(broken) - _NAMED} more" if broken[_NAMED:] else "")
    said = f"{number}. Order {safe(first.order, 30)}{account}"
    more = f"; {count(left_out, 'more exchange')} not drawn" if left_out else ""
    tip = "; ".join(dict.fromkeys(safe(f.summary, 300) for f in b.findings))
    return path(f"M10 2H{WIDTH - 10}", "base") + text(
        10, 15, f'{said}: <tspan class="alarm">{guarantees}</tspan>{more}', "order", tip=tip
    )


def _items(b: BrokenOrder, currency: str) -> tuple[list[_Item], int]:
    """Return an order's drawn elements by time, and the number of exchanges left out."""
    order, everything = b.order, _exchanges(b.order)
    offending = {f.evidence[-1] for f in b.findings if f.evidence and not f.movements}
    money = {m for f in b.findings for m in f.movements}
    origin_ns = _origin_ns(b)
    items = []
    drawn = _telling(order, everything, b.findings)
    for x in drawn:
        end_ns = x.complete_ns if x.complete_ns is not None else x.begin_ns
        broke = (x.op, x.copy) in offending
        label = f"{'✗ ' if broke else ''}{relative(x.begin_ns - origin_ns)} {kind_word(x.kind)} {x.op}: {_answer(x)}"
        ended = f"; answered {relative(x.complete_ns - origin_ns)}" if x.complete_ns is not None else ""
        tip = f"{describe(x, order, currency)}{ended}{'; this broke it' if broke else ''}"
        items.append(_Item(x.begin_ns, max(end_ns, x.begin_ns), label, safe(tip, 240), CLASSES[outcome_of(x)], broke))
    for m in _movements(order, money):
        broke = m.movement_id in money
        words = describe_movement(m, order, currency)
        label = safe(f"{'✗ ' if broke else ''}{relative(m.at_ns - origin_ns)} {words}", 70)
        items.append(_Item(m.at_ns, m.at_ns, label, safe(words, 240), "money", broke))
    items.sort(key=lambda i: i.begin_ns)
    return items, len(everything) - len(drawn)


def _origin_ns(b: BrokenOrder) -> int:
    """Return the instant of the acknowledgement, or else of the order's first event."""
    acknowledged_ns = b.order.acknowledged_ns
    return acknowledged_ns if acknowledged_ns is not None else _extent(b)[0]


def _exchanges(order: OrderHistory) -> list[Exchange]:
    return [*order.exchanges, *order.foreign]


def _telling(order: OrderHistory, everything: list[Exchange], findings: Sequence[Finding]) -> list[Exchange]:
    """Return at most ``EXCHANGES``: the evidence, the first submit, the acknowledgement, then those nearest to the
    offence.
    """
    if len(everything) <= EXCHANGES:
        return sorted(everything, key=_begin_ns)
    by_key = {(x.op, x.copy): x for x in everything}
    evidence = [by_key[key] for f in findings for key in reversed(f.evidence) if key in by_key]
    at_ns = findings[0].at_ns
    wanted = [
        *evidence,
        *order.submits[:1],
        *order.acks[:1],
        *sorted(everything, key=lambda x: abs(x.begin_ns - at_ns)),
    ]
    chosen = list({(x.op, x.copy): x for x in wanted}.values())[:EXCHANGES]
    return sorted(chosen, key=_begin_ns)


def _begin_ns(x: Exchange) -> int:
    return x.begin_ns


def _movements(order: OrderHistory, proof: set[str]) -> list[Movement]:
    """Return each movement once, those that prove a finding first, at most four."""
    once = list({m.movement_id: m for m in order.movements}.values())
    once.sort(key=lambda m: m.movement_id not in proof)
    return once[:_MOVEMENTS]


def _answer(x: Exchange) -> str:
    """Return the answer in a word or two: ``acknowledged``, ``NOT_FOUND``, ``PROCESSING``, ``no answer``."""
    if x.observation is None:
        return "no answer"
    if x.observation is Observation.ACK:
        return "acknowledged" if x.state is PaymentState.UNKNOWN else f"acknowledged {x.state.name}"
    if x.observation is Observation.STATUS and x.state is not PaymentState.UNKNOWN:
        return x.state.name
    return x.observation.value


def _worst(b: BrokenOrder) -> str:
    return "violated" if any(f.result is Result.VIOLATED for f in b.findings) else "unsafe"
