"""What a timeline draws of one run, gathered from its history: phases, faults in force, answers by their outcome, and the orders that broke something."""

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
"""Seams that follow a fault's schedule themselves and do not record when it began and ended."""


class TimeSpan(NamedTuple):
    """A stretch of time, and what is to be said of it."""

    start_ns: int
    end_ns: int
    said: tuple[FaultChange, ...] = ()
    open: bool = False
    """Nothing ended it before the record did."""


class OperationGroup(Enum):
    """Operations that share a lane."""

    WRITES = "submits, resubmits"
    QUERIES = "queries"
    OTHERS = "other operations"


class OperationResult(Enum):
    """What became of an operation, as a merchant would sort it."""

    OK = "ok"
    NOT_FOUND = "NOT_FOUND"
    FAILED = "FAILED"
    OTHER = "other answer"
    NONE = "no answer"


@dataclass(slots=True)
class FaultTimeline:
    """All that a run tells of one fault, by name."""

    name: str
    seam: str
    armed: list[TimeSpan] = field(default_factory=list)
    on: list[TimeSpan] = field(default_factory=list)
    """When it is known to have been in force."""
    planned: list[TimeSpan] = field(default_factory=list)
    """When its schedule put it in force; only where no record says so."""
    fired: list[FaultChange] = field(default_factory=list)
    blows: list[FaultChange] = field(default_factory=list)
    effective: list[FaultChange] = field(default_factory=list)

    @property
    def shown(self) -> bool:
        """Whether anything shows that it did something."""
        return bool(self.fired or self.blows or self.effective)


class BrokenOrder(NamedTuple):
    order: OrderHistory
    findings: tuple[Finding, ...]


class BrokenOrders(NamedTuple):
    """The orders that broke a guarantee: those that are drawn, and how many there are."""

    drawn: list[BrokenOrder]
    total: int
    exact: bool
    """False: there may be more than ``total``, the verdict does not name them all."""


@dataclass(slots=True)
class TimelineData:
    """All that is drawn of one run."""

    label: str
    start_ns: int
    end_ns: int
    phases: list[tuple[str, TimeSpan]]
    faults: list[FaultTimeline]
    replication: Mapping[str, Sequence[ReplicationSample]]
    operations: dict[tuple[OperationGroup, OperationResult], list[Exchange]]
    broken: BrokenOrders


def timeline_data(label: str, p: ProfileResult) -> TimelineData:
    """What is to be drawn of one profile's run; its axis goes from the first event to the last."""
    history = p.history
    # Events are recorded as they become known: the first is among the first, the last among the last.
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
    """One story a fault, in the order of their first change. Several faults of one name are in force while any of them is."""
    by_name: dict[str, list[FaultChange]] = {}
    for f in changes:
        by_name.setdefault(f.fault, []).append(f)
    return [_story(name, of, end_ns) for name, of in by_name.items()]


def _story(name: str, changes: list[FaultChange], end_ns: int) -> FaultTimeline:
    story = FaultTimeline(name, next((f.seam for f in changes if f.seam), ""))
    turns = []
    for f in changes:
        if f.change == "fired":
            (story.fired if f.op else story.blows).append(f)
        elif f.change == "effective":
            story.effective.append(f)
        else:
            turns.append(f)
    turns.sort(key=attrgetter("at_ns"))
    story.armed = _spans([(f, {"armed": True, "healed": False}.get(f.change)) for f in turns], end_ns)
    story.on = _spans([(f, f.turns) for f in turns], end_ns)
    if not story.on and not story.blows and story.seam in _SELF_TIMED:
        story.planned = [span for armed in story.armed for span in _planned(armed)]
    return story


def _spans(turns: Sequence[tuple[FaultChange, bool | None]], end_ns: int) -> list[TimeSpan]:
    """While more was turned on than off."""
    spans, on, since = [], 0, list[FaultChange]()
    for f, turn in turns:
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
    """When the schedule that was recorded at the arming has the fault in force, until it is healed; at most 1,000 times."""
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
    """An answer that says that no money moves is FAILED, whatever else it is."""
    if x.observation is not None and _SAYS_FAILED[x.state]:
        return OperationResult.FAILED
    return _BY_OBSERVATION.get(x.observation, OperationResult.OTHER)


def _operations(history: History) -> dict[tuple[OperationGroup, OperationResult], list[Exchange]]:
    """Every exchange at the judged vantage, copies included; what has no order number is not in a history of orders."""
    found: dict[tuple[OperationGroup, OperationResult], list[Exchange]] = {
        (kind, outcome): [] for kind in OperationGroup for outcome in OperationResult
    }
    rows = {kind: [found[kind, outcome] for outcome in OperationResult] for kind in OperationGroup}
    place = {outcome: i for i, outcome in enumerate(OperationResult)}
    # Looked up once a pair: a run has hundreds of thousands of operations, and few kinds and observations.
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
    """The worst order of every broken guarantee first, then the second of each, up to ``ORDERS``."""
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
