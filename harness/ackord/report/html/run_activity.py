"""Collects what a run did over time: phases, how long answers took, and answers by outcome.

A run has up to millions of exchanges, so the time axis is cut into at most ``PARTS`` parts, each with its quantiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from ...core.history import Exchange, History
from ...core.operation import Observation, OperationKind
from ...core.payment_state import NO_MONEY, PaymentState

__all__ = [
    "PARTS",
    "LatencyPart",
    "OperationGroup",
    "OperationResult",
    "RunActivity",
    "decimated",
    "outcome_of",
    "run_activity",
]

PARTS = 200
"""The most parts of the time axis."""
_EDGE = 1000


class OperationGroup(Enum):
    """Operations that are counted together."""

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


class LatencyPart(NamedTuple):
    """How long answers took that were asked for in one part of the time axis, in nanoseconds."""

    start_ns: int
    """From the run's begin."""
    answers: int
    p50_ns: int
    max_ns: int
    silent: int
    """Requests without an answer."""


@dataclass(slots=True)
class RunActivity:
    """What one run did. Instants are the journal's."""

    start_ns: int
    end_ns: int
    phases: list[tuple[str, int]]
    """Name and begin."""
    part_ns: int
    latency: dict[OperationGroup, list[LatencyPart]] = field(default_factory=dict)
    counts: dict[OperationKind, dict[OperationResult, int]] = field(default_factory=dict)
    exchanges: int = 0


def run_activity(history: History) -> RunActivity:
    """Return what the run did, at the judged vantage, copies included. Its axis reaches from the first event to the
    last.
    """
    # Events are recorded as they become known: the earliest is among the first, the latest among the last.
    start_ns = min((e.at_ns for e in history.events[:_EDGE]), default=0)
    end_ns = max((e.at_ns for e in history.events[-_EDGE:]), default=0)
    phases = [(p.name, p.at_ns) for p in sorted(history.phases) if p.name != "done"]
    found = RunActivity(start_ns, end_ns, phases, max(1, -(-(end_ns - start_ns) // PARTS)))
    took: dict[OperationGroup, dict[int, list[int]]] = {}
    silent: dict[OperationGroup, dict[int, int]] = {}
    for x in _exchanges(history):
        group = _GROUPS.get(x.kind, OperationGroup.OTHERS)
        outcomes = found.counts.setdefault(x.kind, {})
        outcome = outcome_of(x)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        found.exchanges += 1
        part = min(PARTS - 1, max(0, (x.begin_ns - start_ns) // found.part_ns))
        if x.complete_ns is None:
            parts = silent.setdefault(group, {})
            parts[part] = parts.get(part, 0) + 1
        else:
            took.setdefault(group, {}).setdefault(part, []).append(x.complete_ns - x.begin_ns)
    for group in OperationGroup:
        of, none = took.get(group, {}), silent.get(group, {})
        parts_ = [_part(i, found.part_ns, of.get(i, []), none.get(i, 0)) for i in sorted(of.keys() | none.keys())]
        if parts_:
            found.latency[group] = parts_
    return found


def _exchanges(history: History) -> Iterable[Exchange]:
    for order in history.orders:
        yield from order.exchanges
        yield from order.foreign


def _part(index: int, part_ns: int, took: list[int], silent: int) -> LatencyPart:
    took.sort()
    if not took:
        return LatencyPart(index * part_ns, 0, 0, 0, silent)
    return LatencyPart(index * part_ns, len(took), took[len(took) // 2], took[-1], silent)


def decimated(points: Sequence[tuple[int, int]], most: int = PARTS) -> list[tuple[int, int]]:
    """Return ``points`` (instant, value), reduced to the highest of each of at most ``most`` parts of the time."""
    if len(points) <= most:
        return list(points)
    start_ns, span_ns = points[0][0], max(1, points[-1][0] - points[0][0])
    highest: dict[int, tuple[int, int]] = {}
    for at_ns, value in points:
        index = min(most - 1, (at_ns - start_ns) * most // span_ns)
        if index not in highest or value > highest[index][1]:
            highest[index] = (at_ns, value)
    return [highest[index] for index in sorted(highest)]


_BY_OBSERVATION = {
    Observation.ACK: OperationResult.OK,
    Observation.STATUS: OperationResult.OK,
    Observation.NOT_FOUND: OperationResult.NOT_FOUND,
    Observation.REJECTED: OperationResult.FAILED,
    None: OperationResult.NONE,
}
_SAYS_FAILED = tuple(state in NO_MONEY for state in PaymentState)
_GROUPS = {
    OperationKind.SUBMIT: OperationGroup.WRITES,
    OperationKind.RESUBMIT: OperationGroup.WRITES,
    OperationKind.QUERY: OperationGroup.QUERIES,
}


def outcome_of(x: Exchange) -> OperationResult:
    """Classify an operation. An answer that says that no money moves is FAILED, whatever else it is."""
    if x.observation is not None and _SAYS_FAILED[x.state]:
        return OperationResult.FAILED
    return _BY_OBSERVATION.get(x.observation, OperationResult.OTHER)
