"""Collects when each fault of a run was armed, in force and effective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from ...chaos.timing.schedule import Schedule
from ...core.event import FaultChange

__all__ = ["FaultTimeline", "TimeSpan", "fault_timelines"]

_SELF_TIMED = ("edge", "wire")
"""Injectors that follow a fault's schedule themselves and do not record when it began and ended."""


class TimeSpan(NamedTuple):
    """An interval of time, with its text."""

    start_ns: int
    end_ns: int
    said: tuple[FaultChange, ...] = ()
    open: bool = False
    """Whether the interval was still open when the record ended."""


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
    def spans(self) -> list[TimeSpan]:
        """Return when it was in force as far as is known: recorded, else by its schedule, else while it was armed."""
        return self.on or self.planned or self.armed

    @property
    def shown(self) -> bool:
        """Return whether some record shows an effect."""
        return bool(self.fired or self.blows or self.effective)


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
