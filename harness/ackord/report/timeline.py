"""Writes ``timeline.html``, a self-contained page that draws each profile's run on a time axis: phases, faults,
replication, operations, broken orders.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template

from ..core.operation import Vantage
from ..core.result import CampaignResult, ProfileResult
from ..core.verdict import Result
from .campaign_summary import closing_sentence, labelled
from .fault_context import replica_name
from .files import write_file
from .format import count
from .timeline_data import TimelineData, timeline_data
from .timeline_lanes import axis, bands, fault_lane, operations_lanes, phases_lane, replication_lane
from .timeline_orders import broken_lane, order_lane
from .timeline_svg import SINGLY, WIDTH, SvgLane, TimeScale, coord, instant, safe

__all__ = ["FILE_NAME", "to_html", "write"]

FILE_NAME = "timeline.html"
_LEGEND = (
    ('<rect y="4" width="26" height="6" class="on"/>', "fault in force"),
    ('<rect x="1" y="3" width="24" height="8" class="idle"/>', "fault in force, no effect shown"),
    ('<rect y="6" width="26" height="2" class="armed"/>', "fault armed"),
    ('<rect x="1" y="2" width="24" height="10" class="plan"/>', "in force by its schedule"),
    ('<rect x="12" y="2" width="2" height="10" class="fired"/>', "fired on an operation"),
    ('<path d="M13 0l7 7l-7 7l-7 -7z" class="blow"/>', "struck at an instant"),
    ('<path d="M13 7m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0" class="effective"/>', "shown to be effective"),
    ('<path d="M0 11H8V3H18V8H26" class="lag"/>', "replication lag as probed"),
    ('<path d="M0 14V9H8V4H18V8H26V14z" class="behind"/>', "standby behind, bytes"),
    ('<rect x="4" y="2" width="18" height="10" class="ok"/>', "ok"),
    ('<rect x="4" y="2" width="18" height="10" class="missing"/>', "NOT_FOUND"),
    ('<rect x="4" y="2" width="18" height="10" class="failed"/>', "FAILED, or refused for good"),
    (
        '<rect x="4" y="2" width="18" height="10" class="other"/>',
        "other answer: duplicate, conflict, in progress, transient error, unreadable",
    ),
    ('<rect x="4" y="2" width="18" height="10" class="none"/>', "no answer"),
    ('<rect x="4" y="2" width="18" height="10" class="broke"/>', "✗ broke the guarantee"),
    ('<rect x="11" y="2" width="4" height="10" class="money"/>', "movement of money"),
    ('<path d="M13 0V14" class="ack"/>', "acknowledged"),
    ('<path d="M13 0V14" class="cut"/>', "idle time cut short"),
)


def write(result: CampaignResult, out: Path) -> Path:
    """Write ``timeline.html`` below ``out`` and return it. Raises ``FileError``."""
    path = out / FILE_NAME
    write_file(path, to_html(result).encode("utf-8", "backslashreplace"))
    return path


def to_html(result: CampaignResult) -> str:
    """Return the page."""
    profiles = labelled(result)
    facts = [
        f"<p><strong>{safe(closing_sentence(result), 400)}</strong></p>",
        f'<p class="soft">{safe(_origin(result), 400)}</p>',
        _legend(),
        f'<p class="soft">Rows of at most {SINGLY} operations show each from its request to its answer. Of '
        "more, bars show how many "
        "began in each part of the axis; the number at the end of a row is that of its highest bar. Point at "
        "a mark for its details.</p>",
        f"<p>Repeat with <code>{safe(result.repeat, 2000)}</code></p>",
    ]
    page = Template(files(__package__).joinpath("timeline.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=f"Ackord timeline: {safe(result.contract)} under {count(len(profiles), 'profile')}",
        facts="\n".join(facts),
        contents=_contents(profiles),
        sections="\n".join(_section(i, label, p) for i, (label, p) in enumerate(profiles, 1)),
    )


def _origin(result: CampaignResult) -> str:
    flaw = f", flaw {result.flaw}" if result.flaw and result.flaw not in result.provider else ""
    budget = f"budget {result.budget}; " if result.budget else ""
    return f"{result.provider}{flaw}; subject: {result.subject}; seed {result.seed}; {budget}{result.started}"


def _legend() -> str:
    items = "".join(
        f'<li><svg viewBox="0 0 26 14" aria-hidden="true">{mark}</svg>{said}</li>' for mark, said in _LEGEND
    )
    return f'<ul class="legend" aria-label="Legend">{items}</ul>'


def _contents(profiles: list[tuple[str, ProfileResult]]) -> str:
    if len(profiles) < 2:
        return ""
    items = "".join(
        f'<li><a href="#p{i}">{safe(label)}</a> <span{_alarm(p)}>{p.verdict.result.value}</span></li>'
        for i, (label, p) in enumerate(profiles, 1)
    )
    return f'<nav aria-label="Profiles"><ul>{items}</ul></nav>'


def _section(index: int, label: str, p: ProfileResult) -> str:
    drawn = timeline_data(label, p)
    parts = [
        f'<section id="p{index}">',
        f"<h2>{safe(label)}: <span{_alarm(p)}>{p.verdict.result.value}</span></h2>",
        f'<p class="soft">{_summary(drawn, p)}</p>',
    ]
    if quiet := [safe(f.name) for f in drawn.faults if not f.shown]:
        them = "it did" if len(quiet) == 1 else "they did"
        parts.append(
            f'<p class="alarm">No effect shown: {", ".join(quiet)}. Armed, and nothing in the record shows that '
            f"{them} anything.</p>"
        )
    parts.append(_chart(index, drawn))
    parts += _orders(index, drawn, str(p.history.header.options.get("currency", "")))
    return "\n".join([*parts, "</section>"])


def _summary(drawn: TimelineData, p: ProfileResult) -> str:
    span_ns = drawn.end_ns - drawn.start_ns
    seen = "the provider" if p.history.header.vantage is Vantage.PROVIDER else "the merchant"
    exchanges = sum(map(len, drawn.operations.values()))
    phases = ", ".join(
        f"{safe(name)} from {instant(span.start_ns - drawn.start_ns, span_ns)}" for name, span in drawn.phases
    )
    remarks = "" if p.history.complete else " The record was cut off."
    remarks += " Nothing was injected." if p.history.header.options.get("inject") is False else ""
    return (
        f"{count(exchanges, 'exchange')} as {seen} saw them, {instant(span_ns, span_ns)} in all"
        f"{'; ' + phases if phases else ''}.{remarks} Repeat with <code>{safe(p.repeat, 2000)}</code>"
    )


def _chart(index: int, drawn: TimelineData) -> str:
    scale = TimeScale(drawn.start_ns, max(drawn.end_ns, drawn.start_ns + 1))
    lanes = [
        axis(scale, counted=_counted(drawn)),
        phases_lane(scale, drawn.phases),
        *(fault_lane(scale, story) for story in drawn.faults),
        *(replication_lane(scale, samples, replica_name(of)) for of, samples in drawn.replication.items()),
        operations_lanes(scale, drawn),
        broken_lane(scale, drawn.broken, f"p{index}-order"),
    ]
    return _drawing(
        f"The run under {safe(drawn.label)} on a time axis", lanes, bands(scale, drawn.phases, _height(lanes))
    )


def _counted(drawn: TimelineData) -> bool:
    """Return whether something happened so often that it is drawn as bars."""
    return any(len(xs) > SINGLY for xs in drawn.operations.values()) or any(len(f.fired) > SINGLY for f in drawn.faults)


def _orders(index: int, drawn: TimelineData, currency: str) -> list[str]:
    broken = drawn.broken
    if not broken.drawn:
        return []
    anchor = f"p{index}-order"
    # Each lane is its own drawing, so that a printed page can end between two of them.
    drawings = [
        _drawing(f"Order number {n}", [order_lane(n, b, currency=currency, anchor=anchor)], "")
        for n, b in enumerate(broken.drawn, 1)
    ]
    total = f"{'' if broken.exact else 'At least '}{count(broken.total, 'order')} broke a guarantee."
    if broken.total > len(broken.drawn):
        rest = broken.total - len(broken.drawn)
        total += f" Drawn are {len(broken.drawn)}, the worst of each guarantee; {rest:,} more are in the journal."
    return [
        f'<p><span class="alarm">{total}</span> <span class="soft">Times count from the acknowledgement, or '
        "else from the first that is known of the order.</span></p>",
        *drawings,
    ]


def _drawing(name: str, lanes: list[SvgLane], background: str) -> str:
    parts, y = [background], 0.0
    for lane in lanes:
        if lane.height:
            parts.append(f'<g transform="translate(0 {coord(y)})">{lane.svg}</g>')
            y += lane.height
    height = coord(y + 6)
    return (
        f'<div class="scroll"><svg viewBox="0 0 {WIDTH} {height}" role="group" '
        f'aria-label="{name}">{"".join(parts)}</svg></div>'
    )


def _height(lanes: list[SvgLane]) -> float:
    return sum(lane.height for lane in lanes)


def _alarm(p: ProfileResult) -> str:
    return ' class="alarm"' if p.verdict.result in (Result.VIOLATED, Result.UNSAFE, Result.ERROR) else ""
