"""Describes the statistical charts as data of the charting library, and the same figures as tables.

Colours are names of the page's palette (``$ok``), which the page's script replaces, light or dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.clock import MS, SECOND
from ...core.event import ReplicationSample
from ..fault_context import replica_name
from ..format import in_ms
from .fault_activity import FaultTimeline
from .landing_curve import CurvePoint
from .markup import chart_text, details, json_for_script, safe, table
from .run_activity import PARTS, LatencyPart, OperationGroup, RunActivity, decimated

__all__ = ["ChartSheet", "landing_chart", "latency_chart"]

Json = dict[str, Any]
_FAULTS = 12
"""The most faults that get a row of their own."""
_BANDS = 60
"""The most bands of a chart."""
_TABLE_ROWS = 10
_GAP = 5
"""Parts of the time axis without an answer that break a line."""
_COLOURS = {OperationGroup.WRITES: "$one", OperationGroup.QUERIES: "$two", OperationGroup.OTHERS: "$three"}
_NAMES = {
    OperationGroup.WRITES: "submits, resubmits",
    OperationGroup.QUERIES: "queries",
    OperationGroup.OTHERS: "other operations",
}


@dataclass(slots=True)
class ChartSheet:
    """The charts of a page, in the order of their places."""

    drawn: bool = True
    """Whether the library is there: if not, a place holds its table alone."""
    figures: list[Json] = field(default_factory=list)

    def place(self, name: str, figure: Json, alternative: str, *, height: int) -> str:
        """Return the chart's place with its text alternative. ``name`` and ``alternative`` are markup already."""
        if not self.drawn:
            return alternative
        self.figures.append({**figure, "height": height})
        return (
            f'<figure><div class="chart" id="chart-{len(self.figures) - 1}" role="img" aria-label="{name}"></div>'
            f"<figcaption>{name}</figcaption></figure>"
            f"{details('The same as a table', alternative)}"
        )

    @property
    def data(self) -> str:
        """Return all figures, ready for a script element."""
        return json_for_script(self.figures)


# -- landing -----------------------------------------------------------------------------------------------------------


def landing_chart(
    sheet: ChartSheet, label: str, points: Sequence[CurvePoint], *, promised_ns: int | None, buffer_ms: int | None
) -> str:
    """Return the survival curve with its band, the promised bound and the recommended buffer."""
    ms = [p.at_ns / MS for p in points]
    marks = [("promised bound", promised_ns / MS if promised_ns is not None else None, "$ok")]
    marks.append(("recommended buffer", buffer_ms, "$one"))
    last = max([ms[-1], *(at for _, at, _ in marks if at is not None and at <= 4 * ms[-1])]) * 1.05 or 1.0
    xs = [*ms, last]
    curve, low, high = ([*values, values[-1]] for values in zip(*(p[1:] for p in points), strict=True))
    shape = {"shape": "hv", "width": 0}
    figure = {
        "data": [
            _line(xs, [round(100 * y, 3) for y in high], "upper bound", {**shape, "color": "$band"}, hover=False),
            {
                **_line(xs, [round(100 * y, 3) for y in low], "95 % band", {**shape, "color": "$band"}, hover=False),
                "fill": "tonexty",
                "fillcolor": "$band",
                "showlegend": True,
            },
            {
                **_line(xs, [round(100 * y, 3) for y in curve], "not landed", {"shape": "hv", "color": "$two"}),
                "showlegend": True,
                "hovertemplate": "%{x:,.2f} ms: %{y:.2f} % not landed<extra></extra>",
            },
        ],
        "layout": {
            "xaxis": {"title": {"text": "milliseconds from the acknowledgement"}, "range": [0, last]},
            "yaxis": {"title": {"text": "orders not landed, %"}, "rangemode": "tozero"},
            "shapes": [_vertical(at, colour) for _, at, colour in marks if at is not None and at <= last],
            "legend": {"y": 1.1},
            "annotations": [
                {"x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "text": name, "showarrow": False,
                 "xanchor": "left" if at < last / 2 else "right"}
                for name, at, _ in marks if at is not None and at <= last
            ],
        },
    }  # fmt: skip
    rows = [
        (f"{in_ms(p.at_ns)} ms", *(f"{100 * y:.2f} %" for y in (p.open_share, p.low, p.high)))
        for p in _some(points, _TABLE_ROWS)
    ]
    bounds = "".join(f"; {name} {at:,.0f} ms" for name, at, _ in marks if at is not None)
    name = f"Share of orders that have not landed yet under {safe(label, 60)}, with its 95 % band{bounds}"
    shown = table(name, ["from the acknowledgement", "not landed", "at least", "at most"], rows)
    return sheet.place(name, figure, shown, height=300)


def _some(points: Sequence[CurvePoint], most: int) -> list[CurvePoint]:
    """Return at most ``most`` points, spread evenly, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    return [points[round(i * (len(points) - 1) / (most - 1))] for i in range(most)]


# -- latency -----------------------------------------------------------------------------------------------------------


def latency_chart(
    sheet: ChartSheet,
    label: str,
    activity: RunActivity,
    faults: Sequence[FaultTimeline],
    replication: Mapping[str, Sequence[ReplicationSample]],
) -> str:
    """Return how long answers took over time, with the lag of replicas and the faults on the same axis."""
    lags = {of: lag for of, samples in replication.items() if (lag := _lag(activity, samples))}
    drawn = [f for f in faults if f.spans or f.blows or f.fired][:_FAULTS]
    data = [trace for group, parts in activity.latency.items() for trace in _latency(group, parts, activity.part_ns)]
    data += [
        {**_line(*lag, f"lag of the {chart_text(replica_name(of))}", {"color": "$three"}), "yaxis": "y2"}
        for of, lag in lags.items()
    ]
    data += [_fault_rows(activity, drawn)] if drawn else []
    height = 240 + (110 if lags else 0) + 24 * len(drawn) + (40 if drawn else 0)
    figure = {"data": data, "layout": _layout(activity, drawn, bool(lags), height)}
    name = f"How long answers took over time under {safe(label, 60)}, with the faults in force"
    return sheet.place(name, figure, _latency_table(name, activity, faults), height=height)


def _latency(group: OperationGroup, parts: Sequence[LatencyPart], part_ns: int) -> list[Json]:
    xs: list[float | None] = []
    middle: list[float | None] = []
    slowest: list[float | None] = []
    last: LatencyPart | None = None
    for p in parts:
        if not p.answers:
            continue
        if last is not None and p.start_ns - last.start_ns > _GAP * part_ns:
            xs, middle, slowest = [*xs, None], [*middle, None], [*slowest, None]  # nothing was asked in between
        xs.append(_s(p.start_ns))
        middle.append(_ms(p.p50_ns))
        slowest.append(_ms(p.max_ns))
        last = p
    dots = {"mode": "lines+markers", "marker": {"size": 4, "color": _COLOURS[group]}}
    line = {"color": _COLOURS[group], "width": 1.5}
    return [
        {**_line(xs, middle, f"{_NAMES[group]}, median", line), **dots},
        {**_line(xs, slowest, f"{_NAMES[group]}, slowest", {**line, "dash": "dot"}), **dots},
    ]


def _lag(activity: RunActivity, samples: Sequence[ReplicationSample]) -> tuple[list[float], list[float]] | None:
    probed = [(s.at_ns, s.probe_lag_ns) for s in samples if s.probe_lag_ns is not None]
    if not probed:
        return None
    points = decimated(probed)
    return [_s(at_ns - activity.start_ns) for at_ns, _ in points], [_ms(ns) for _, ns in points]


def _fault_rows(activity: RunActivity, faults: Sequence[FaultTimeline]) -> Json:
    """Return all faults as one trace of separate segments, one row a fault."""
    xs: list[float | None] = []
    ys: list[str | None] = []
    for f in faults:
        name = chart_text(f.name, 24)
        spans = [(s.start_ns, s.end_ns) for s in f.spans[:_BANDS]] or [(b.at_ns, b.at_ns) for b in f.blows[:_BANDS]]
        for start_ns, end_ns in spans:
            xs += [_s(start_ns - activity.start_ns), _s(end_ns - activity.start_ns), None]
            ys += [name, name, None]
    line = {"color": "$fault", "width": 9}
    return {**_line(xs, ys, "fault in force", line), "yaxis": "y3", "mode": "lines+markers", "showlegend": False,
            "marker": {"size": 7, "color": "$fault"}, "hovertemplate": "%{y}: %{x:,.3f} s<extra></extra>"}  # fmt: skip


def _layout(activity: RunActivity, faults: Sequence[FaultTimeline], has_lag: bool, height: int) -> Json:
    inner = height - 90
    fault_share = (24 * len(faults) + 10) / inner if faults else 0.0
    lag_share = 90 / inner if has_lag else 0.0
    lag_from = fault_share + (0.04 if faults else 0)
    from_ = lag_from + lag_share + (0.06 if has_lag else 0)
    layout: Json = {
        "xaxis": {
            "title": {"text": "seconds from the run's begin"},
            "range": [0, _s(activity.end_ns - activity.start_ns)],
            "anchor": "y3" if faults else "y2" if has_lag else "y",
        },
        "yaxis": {"title": {"text": "ms"}, "type": "log", "dtick": "D2", "domain": [min(from_, 0.6), 1]},
        "shapes": [
            {"type": "rect", "xref": "x", "yref": "y domain", "x0": _s(s.start_ns - activity.start_ns),
             "x1": _s(s.end_ns - activity.start_ns), "y0": 0, "y1": 1, "fillcolor": "$band", "line": {"width": 0},
             "layer": "below"}
            for f in faults for s in f.spans[:_BANDS]
        ][:_BANDS],
    }  # fmt: skip
    if has_lag:
        layout["yaxis2"] = {
            "title": {"text": "lag, ms"},
            "domain": [lag_from, lag_from + lag_share],
            "rangemode": "tozero",
        }
    if faults:
        layout["yaxis3"] = {"type": "category", "domain": [0, fault_share], "showgrid": False, "automargin": True}
    return layout


def _latency_table(name: str, activity: RunActivity, faults: Sequence[FaultTimeline]) -> str:
    rows = []
    per, origin_ns = -(-PARTS // _TABLE_ROWS), activity.start_ns
    for group, parts in activity.latency.items():
        joined: dict[int, list[LatencyPart]] = {}
        for p in parts:
            joined.setdefault(p.start_ns // activity.part_ns // per, []).append(p)
        for index, of in sorted(joined.items()):
            start_ns = index * per * activity.part_ns
            end_ns = start_ns + per * activity.part_ns
            inside = [
                safe(f.name, 40) for f in faults
                if any(s.start_ns - origin_ns < end_ns and s.end_ns - origin_ns > start_ns for s in f.spans)
            ]  # fmt: skip
            medians = sorted(p.p50_ns for p in of if p.answers)
            rows.append((
                f"{_s(start_ns):,.2f} s to {_s(end_ns):,.2f} s, {_NAMES[group]}",
                f"{sum(p.answers for p in of):,}",
                in_ms(medians[len(medians) // 2]) if medians else "-",
                in_ms(max(p.max_ns for p in of)) if medians else "-",
                f"{sum(p.silent for p in of):,}",
                ", ".join(inside[:6]) or "none",
            ))  # fmt: skip
    heads = ["time and operations", "answers", "median, ms", "slowest, ms", "no answer", "faults in force"]
    return table(name, heads, rows)


def _line(xs: Sequence[Any], ys: Sequence[Any], name: str, line: Json, *, hover: bool = True) -> Json:
    return {
        "type": "scatter",
        "mode": "lines" if len(xs) > 1 else "markers",
        "x": list(xs),
        "y": list(ys),
        "name": name,
        "line": line,
        **({} if hover else {"hoverinfo": "skip", "showlegend": False}),
    }


def _vertical(at: float, colour: str) -> Json:
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "dash": "dash"},
    }


def _s(ns: int) -> float:
    return round(ns / SECOND, 4)


def _ms(ns: int) -> float:
    return round(max(ns, 1) / MS, 4)
