"""Collects what a timeline draws of one run: phases, active faults, answers by outcome, and broken orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from typing import NamedTuple

from ..chaos.timing.schedule import Schedule
from ..core.event import FaultChange, ReplicationSample
from ..core.history import Exchange, History, OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.payment_state import NO_MONEY, PaymentState
from ..core.result import ProfileResult
from ..core.verdict import Finding, Result

__all__ = [
    "ORDERS",
    "BrokenOrder",
    "BrokenOrders",
    "FaultTimeline",
    "OperationGroup",
    "OperationResult",
    "TimeSpan",
    "TimelineData",
    "broken_orders",
    "fault_timelines",
    "outcome_of",
    "timeline_data",
]

ORDERS = 12
"""The most orders of a profile that are drawn in full."""
_EDGE = 1000
_SELF_TIMED = ("edge", "wire")
"""Injectors that follow a fault's schedule themselves and do not record when it began and ended."""


class TimeSpan(NamedTuple):
    """An interval of time, with its text."""

    start_ns: int
    end_ns: int
    said: tuple[FaultChange, ...] = ()
    open: bool = False
    """Whether the interval was still open when the record ended."""


class OperationGroup(Enum):
    """Operations that share a lane."""

    WRITES = "submits, resubmits"
    QUERIES = "queries"
    OTHERS = "other operations"


class OperationResult(Enum):
    """The result of an operation, in a merchant's terms."""

    OK = "ok"
    NOT_FOUND = "NOT_FOUND"
    FAILED = "FAILED"
    OTHER = "other answer"
    NONE = "no answer"


@dataclass(slots=True)
class FaultTimeline:
    """The recorded changes of one fault, by name."""

    name: str
    seam: str
    armed: list[TimeSpan] = field(default_factory=list)
    on: list[TimeSpan] = field(default_factory=list)
    """Intervals in which the fault is recorded as active."""
    planned: list[TimeSpan] = field(default_factory=list)
    """Intervals in which its schedule made it active; used only if nothing was recorded."""
    fired: list[FaultChange] = field(default_factory=list)
    blows: list[FaultChange] = field(default_factory=list)
    effective: list[FaultChange] = field(default_factory=list)

    @property
    def shown(self) -> bool:
        """Return whether some record shows an effect."""
        return bool(self.fired or self.blows or self.effective)


class BrokenOrder(NamedTuple):
    order: OrderHistory
    findings: tuple[Finding, ...]


class BrokenOrders(NamedTuple):
    """The orders that broke a guarantee: those that are drawn, and their number."""

    drawn: list[BrokenOrder]
    total: int
    exact: bool
    """False: there may be more than ``total``, because the verdict does not name all of them."""


@dataclass(slots=True)
class TimelineData:
    """The data that a timeline draws of one run."""

    label: str
    start_ns: int
    end_ns: int
    phases: list[tuple[str, TimeSpan]]
    faults: list[FaultTimeline]
    replication: Mapping[str, Sequence[ReplicationSample]]
    operations: dict[tuple[OperationGroup, OperationResult], list[Exchange]]
    broken: BrokenOrders


def timeline_data(label: str, p: ProfileResult) -> TimelineData:
    """Return the data of one profile's run. Its axis reaches from the first event to the last."""
    history = p.history
    # Events are recorded as they become known: the earliest is among the first, the latest among the last.
    start_ns = min((e.at_ns for e in history.events[:_EDGE]), default=0)
    end_ns = max((e.at_ns for e in history.events[-_EDGE:]), default=0)
    return TimelineData(
        label,
        start_ns,
        end_ns,
        _phases(history, end_ns),
        fault_timelines(history.faults, end_ns),
        history.replication,
        _operations(history),
        broken_orders(p),
    )


def _phases(history: History, end_ns: int) -> list[tuple[str, TimeSpan]]:
    phases = sorted(history.phases)
    nexts = [p.at_ns for p in phases[1:]]
    return [
        (p.name, TimeSpan(p.at_ns, until))
        for p, until in zip(phases, [*nexts, end_ns], strict=False)
        if p.name != "done"
    ]


def fault_timelines(changes: Sequence[FaultChange], end_ns: int) -> list[FaultTimeline]:
    """Return one timeline per fault name, in the order of first changes. Several faults of one name are active while
    any of them is.
    """
    by_name: dict[str, list[FaultChange]] = {}
    for f in changes:
        by_name.setdefault(f.fault, []).append(f)
    return [_story(name, of, end_ns) for name, of in by_name.items()]


def _story(name: str, changes: list[FaultChange], end_ns: int) -> FaultTimeline:
    story = FaultTimeline(name, next((f.seam for f in changes if f.seam), ""))
    activates = []
    for f in changes:
        if f.change == "fired":
            (story.fired if f.op else story.blows).append(f)
        elif f.change == "effective":
            story.effective.append(f)
        else:
            activates.append(f)
    activates.sort(key=attrgetter("at_ns"))
    story.armed = _spans([(f, {"armed": True, "healed": False}.get(f.change)) for f in activates], end_ns)
    story.on = _spans([(f, f.activates) for f in activates], end_ns)
    if not story.on and not story.blows and story.seam in _SELF_TIMED:
        story.planned = [span for armed in story.armed for span in _planned(armed)]
    return story


def _spans(activates: Sequence[tuple[FaultChange, bool | None]], end_ns: int) -> list[TimeSpan]:
    """Return the intervals in which more faults were activated than deactivated."""
    spans, on, since = [], 0, list[FaultChange]()
    for f, turn in activates:
        if turn:
            on += 1
            since.append(f)
        elif turn is False and on:
            on -= 1
            if not on:
                spans.append(TimeSpan(since[0].at_ns, f.at_ns, tuple(since)))
                since = []
    if on:
        spans.append(TimeSpan(since[0].at_ns, end_ns, tuple(since), open=True))
    return spans


def _planned(armed: TimeSpan) -> list[TimeSpan]:
    """Return when the recorded schedule activates the fault, until it is healed; at most 1,000 intervals."""
    try:
        schedule = Schedule.from_json(armed.said[0].detail["schedule"])
        spans, at_ns = list[TimeSpan](), 0
        for _ in range(2000):
            change_ns = schedule.next_change_ns(at_ns)
            until_ns = armed.end_ns if change_ns is None else min(armed.end_ns, armed.start_ns + change_ns)
            if schedule.is_on(at_ns):
                spans.append(TimeSpan(armed.start_ns + at_ns, until_ns, armed.said))
            if change_ns is None or until_ns >= armed.end_ns:
                break
            at_ns = change_ns
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return []  # a journal may hold anything; what cannot be read is not drawn
    return spans


_BY_OBSERVATION = {
    Observation.ACK: OperationResult.OK,
    Observation.STATUS: OperationResult.OK,
    Observation.NOT_FOUND: OperationResult.NOT_FOUND,
    Observation.REJECTED: OperationResult.FAILED,
    None: OperationResult.NONE,
}
_SAYS_FAILED = tuple(state in NO_MONEY for state in PaymentState)
_KINDS = {
    OperationKind.SUBMIT: OperationGroup.WRITES,
    OperationKind.RESUBMIT: OperationGroup.WRITES,
    OperationKind.QUERY: OperationGroup.QUERIES,
}


def outcome_of(x: Exchange) -> OperationResult:
    """Classify an operation. An answer that says that no money moves is FAILED, whatever else it is."""
    if x.observation is not None and _SAYS_FAILED[x.state]:
        return OperationResult.FAILED
    return _BY_OBSERVATION.get(x.observation, OperationResult.OTHER)


def _operations(history: History) -> dict[tuple[OperationGroup, OperationResult], list[Exchange]]:
    """Return every exchange at the judged vantage, copies included. Operations without an order number are not in an
    order's history.
    """
    found: dict[tuple[OperationGroup, OperationResult], list[Exchange]] = {
        (kind, outcome): [] for kind in OperationGroup for outcome in OperationResult
    }
    rows = {kind: [found[kind, outcome] for outcome in OperationResult] for kind in OperationGroup}
    place = {outcome: i for i, outcome in enumerate(OperationResult)}
    # Cached per pair: a run has hundreds of thousands of operations, and few kinds and observations.
    known: dict[tuple[OperationKind, Observation | None, PaymentState], list[Exchange]] = {}
    for order in history.orders:
        for xs in (order.exchanges, order.foreign):
            for x in xs:
                key = (x[2], x[8], x[9])
                row = known.get(key)
                if row is None:
                    row = known[key] = rows[_KINDS.get(x.kind, OperationGroup.OTHERS)][place[outcome_of(x)]]
                row.append(x)
    return {key: xs for key, xs in found.items() if xs}


def broken_orders(p: ProfileResult) -> BrokenOrders:
    """Return the worst order of every broken guarantee, then the second of each, up to ``ORDERS``."""
    bad = [g for g in p.verdict.guarantees if g.result in (Result.VIOLATED, Result.UNSAFE)]
    bad.sort(key=lambda g: g.result is not Result.VIOLATED)
    findings: dict[str, list[Finding]] = {}
    for rank in range(max((len(g.findings) for g in bad), default=0)):
        for g in bad:
            if rank < len(g.findings):
                findings.setdefault(g.findings[rank].order, []).append(g.findings[rank])
    wanted = list(findings)[:ORDERS]
    orders = {order.number: order for order in p.history.orders if order.number in findings} if wanted else {}
    drawn = [
        BrokenOrder(orders.get(number) or OrderHistory(number, [], [], None), tuple(findings[number]))
        for number in wanted
    ]
    total = max([len(findings), *(g.violations for g in bad)])
    return BrokenOrders(drawn, total, all(len(g.findings) >= g.violations for g in bad))
