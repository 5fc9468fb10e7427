"""Shows what was measured and where: the landing window, each profile's run over time, counts by operation and outcome,
and the environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from ... import __version__
from ...core.clock import SECOND
from ...core.operation import OperationKind
from ...core.result import CampaignResult, ProfileResult
from ...core.verdict import Result
from ..campaign_summary import labelled
from ..exchange_text import kind_word
from ..fault_context import fault_detail
from ..format import count, in_ms, milliseconds
from ..landing_text import landing_sentences, landing_windows
from .charts import ChartSheet, landing_chart, latency_chart
from .fault_activity import FaultTimeline, fault_timelines
from .landing_curve import landing_curve
from .markup import code, details, listing, raw, safe, table
from .run_activity import OperationResult, RunActivity, run_activity

__all__ = ["environment_section", "landing_section", "runs_section"]

_BROKEN = (Result.VIOLATED, Result.UNSAFE, Result.ERROR)
_NAMED = 6
"""The most details of a fault's arming that are said."""


# -- landing window ----------------------------------------------------------------------------------------------------


def landing_section(result: CampaignResult, sheet: ChartSheet) -> str:
    """Return the section; empty where no order was acknowledged and asked for."""
    windows = landing_windows(result)
    if not windows:
        return ""
    profiles = dict(labelled(result))
    rows = []
    for label, w in windows.items():
        promised_ns = profiles[label].history.header.promises.lands_within_ns
        rows.append((
            safe(label, 60),
            f"{w.orders:,}",
            f"{w.seen_missing:,}",
            *("-" if ns is None else in_ms(ns) for ns in (w.p50_ns, w.p90_ns, w.p99_ns, w.p99_upper_ns, w.max_ns)),
            "none is promised" if promised_ns is None else in_ms(promised_ns),
            "-" if w.recommended_buffer_ms is None else f"{w.recommended_buffer_ms:,}",
        ))  # fmt: skip
    heads = ["profile", "orders", "missed", "p50", "p90", "p99", "p99 at most", "latest", "promised bound", "buffer"]
    charts = []
    for label, w in windows.items():
        if not w.seen_missing:
            continue  # the curve would fall to nothing at once
        points = landing_curve(profiles[label].history)
        promised_ns = profiles[label].history.header.promises.lands_within_ns
        charts.append(
            landing_chart(sheet, label, points, promised_ns=promised_ns, buffer_ms=w.recommended_buffer_ms)
            if points
            else ""
        )
    return (
        '<section id="landing"><h2>Landing window</h2><p class="soft">From the acknowledgement until the order is '
        "visible for good.</p>"
        + "".join(f"<p>{safe(sentence, 600)}</p>" for sentence in landing_sentences(windows))
        + table("Landing window by profile, in milliseconds", heads, rows)
        + (_HOW_TO_READ if charts else "")
        + "".join(charts)
        + "</section>"
    )


_HOW_TO_READ = (
    '<p class="soft">Nobody sees an order land, only answers before and after. The line is the estimate that fits them '
    "best; between two answers the truth may lie anywhere in the band.</p>"
)


# -- runs --------------------------------------------------------------------------------------------------------------


def runs_section(result: CampaignResult, sheet: ChartSheet) -> str:
    """Return the runs over time and the counts of all of them; empty if none was judged."""
    profiles = labelled(result)
    if not profiles:
        return ""
    activities = [run_activity(p.history) for _, p in profiles]
    runs = [
        _run(label, p, activity, sheet, open_=len(profiles) == 1)
        for (label, p), activity in zip(profiles, activities, strict=True)
    ]
    return (
        '<section id="counts"><h2>Operations and their outcomes</h2>'
        f"{_counts('All exchanges at the judged vantage', activities)}</section>"
        f'<section id="runs"><h2>The runs over time</h2>{"".join(runs)}</section>'
    )


def _counts(caption: str, activities: Sequence[RunActivity]) -> str:
    totals: dict[OperationKind, dict[OperationResult, int]] = {}
    for activity in activities:
        for kind, outcomes in activity.counts.items():
            of = totals.setdefault(kind, {})
            for outcome, n in outcomes.items():
                of[outcome] = of.get(outcome, 0) + n
    rows = []
    for kind in OperationKind:
        if found := totals.get(kind):
            of_all = sum(found.values())
            cells = [_share(found.get(outcome, 0), of_all) for outcome in OperationResult]
            rows.append((safe(kind_word(kind)), f"{of_all:,}", *cells))
    if not rows:
        return "<p>Nothing was recorded at the judged vantage.</p>"
    return table(caption, ["operation", "all", *(outcome.value for outcome in OperationResult)], rows, classes="counts")


def _share(n: int, of: int) -> str:
    if not n:
        return "·"
    return f'{n:,} <svg class="share" width="48" height="8" aria-hidden="true"><rect width="48" height="8" class="rest"/><rect width="{max(1, round(48 * n / of))}" height="8" class="part"/></svg>'  # noqa: E501


def _run(label: str, p: ProfileResult, activity: RunActivity, sheet: ChartSheet, *, open_: bool) -> str:
    history = p.history
    faults = fault_timelines(history.faults, activity.end_ns)
    worst = p.verdict.result
    head = (
        f'<strong class="badge {worst.value.lower()}">{worst.value}</strong> {safe(label, 60)} <span class="soft">'
        f"{count(activity.exchanges, 'exchange')} in {milliseconds(activity.end_ns - activity.start_ns)}</span>"
    )
    said = [f"It was cut short: {safe(' '.join(p.cut_short.split()).rstrip('.'))}."] if p.cut_short else []
    said += ["The record was cut off: what is not in it proves nothing."] if not history.complete else []
    said += ["Nothing was injected."] if history.header.options.get("inject") is False else []
    if activity.phases:
        begins = ", ".join(f"{safe(n, 30)} from {_at(activity, ns)}" for n, ns in activity.phases)
        said.append(f"Phases: {begins}.")
    parts = [f"<p>{' '.join(said)}</p>" if said else ""]
    if activity.exchanges:
        parts.append(latency_chart(sheet, label, activity, faults, history.replication))
    parts += [_faults(label, activity, faults), _counts(f"Exchanges under {safe(label, 60)}", [activity])]
    parts.append(f"<p>Repeat with {code(p.repeat)}</p>")
    return details(head, "".join(parts), classes="run", open_=open_ or (worst in _BROKEN and len(sheet.figures) < 6))


def _faults(label: str, activity: RunActivity, faults: Sequence[FaultTimeline]) -> str:
    rows = []
    for f in faults:
        spans = [f"{_at(activity, s.start_ns)} to {_at(activity, s.end_ns)}" for s in f.spans[:_NAMED]]
        spans += [f"and {len(f.spans) - _NAMED} times more"] if len(f.spans) > _NAMED else []
        struck = [f"struck at {_at(activity, b.at_ns)}" for b in f.blows[:_NAMED]]
        effect = f"fired {len(f.fired):,}×" if f.fired else ""
        effect = effect or ("struck" if f.blows else "shown to be effective" if f.effective else "")
        with_ = next((fault_detail(s.said[0].detail) for s in f.armed if s.said), "")
        rows.append((
            safe(f.name, 60),
            safe(f.seam or "-", 40),
            ", ".join([*spans, *struck]) or "-",
            effect or '<strong class="alarm">no effect shown</strong>',
            safe(with_, 300),
        ))  # fmt: skip
    if not rows:
        return "<p>No fault was armed.</p>"
    return table(f"Faults under {safe(label, 60)}", ["fault", "seam", "in force", "effect", "with"], rows)


def _at(activity: RunActivity, at_ns: int) -> str:
    return f"{(at_ns - activity.start_ns) / SECOND:,.2f} s"


# -- environment -------------------------------------------------------------------------------------------------------


def environment_section(result: CampaignResult, folder: Path) -> str:
    """Return what the run was made with, as it is recorded. Paths of journals are relative to ``folder``."""
    facts = {
        "Report made by Ackord": __version__,
        "Target": result.target,
        "Flaw": result.flaw,
        "Budget": result.budget,
        "Took": milliseconds(result.elapsed_ns),
        "Evidence": result.out,
    }
    for name, values in {
        "Run by Ackord": [p.history.header.tool for p in result.profiles],
        "Contract's SHA-256": [p.history.header.contract_sha256 for p in result.profiles],
    }.items():
        facts[name] = ", ".join(dict.fromkeys(filter(None, values)))
    rows = "".join(f"<div><dt>{name}</dt><dd>{safe(said)}</dd></div>" for name, said in facts.items() if said)
    journals = []
    for label, p in labelled(result):
        path = Path(os.path.relpath(p.journal, folder)).as_posix()
        digest = code(p.history.header.profile_sha256[:16] or "-")
        journals.append(
            f"{safe(label, 60)}: {safe(path)}, {count(p.operations, 'operation')} of the merchant, "
            f"{milliseconds(p.elapsed_ns)}, profile's SHA-256 {digest}"
        )
    files = listing(journals)
    options = {label: p.history.header.options for label, p in labelled(result)[:1]} or {"run": result.options}
    shown = "".join(
        details(f"Options as recorded, {safe(label, 60)}", f"<pre>{raw(_json(said), 6_000)}</pre>")
        for label, said in options.items()
    )
    return f'<section id="environment"><h2>Environment</h2><dl class="facts">{rows}</dl>{files}{shown}</section>'


def _json(data: object) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=str)
