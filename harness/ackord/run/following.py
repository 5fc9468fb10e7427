"""Judges a journal while it grows: tells each finding as soon as it is certain, and judges the whole in the end.

A finding is certain when no operation of its order is in flight, and when it does not ask for what only the whole run
tells. The orders about which something new was read are judged anew, by the functions that judge any history. What
comes later may still explain an answer (a copy of the request that the network delivers late), so the verdict in the
end counts, and a finding that was told and does not stand in it is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..core.clock import MS, Clock
from ..core.event import Begin, Complete, Event, FaultChange
from ..core.history import History, OrderHistory
from ..core.operation import Vantage
from ..core.result import CampaignResult, campaign_of
from ..core.verdict import Finding
from ..errors import FileError, UsageError
from ..guarantees.base import PartialContext
from ..guarantees.judge import OrderJudge, last_ns
from ..guarantees.tally import FINDINGS_KEPT
from ..record.journal_tail import JournalTail
from .event_folders import judged_whole, refuse_to_follow

__all__ = ["Follower", "follow"]

_EVERY_NS = 500 * MS


class Follower:
    """Judges events as they come."""

    def __init__(self, history: History) -> None:
        """``history``: of the run so far; its events are added to it."""
        self.history = history
        self.told: dict[tuple[str, str], Finding] = {}
        """The findings that were told, by guarantee and order."""
        self._of_run: list[Event] = []
        self._by_order: dict[str, list[Event]] = {}
        self._of_op: dict[int, str] = {}
        self._open: dict[str, set[tuple[Vantage, int, int]]] = {}
        self._touched: set[str] = set()

    def add(self, events: Iterable[Event]) -> None:
        """Take events in."""
        for event in events:
            self.history.events.append(event)
            order = self._order_of(event)
            if order:
                self._by_order.setdefault(order, []).append(event)
                self._touched.add(order)
            else:
                self._of_run.append(event)

    def _order_of(self, event: Event) -> str:
        if isinstance(event, Begin):
            self._of_op[event.op] = event.order
            self._open.setdefault(event.order, set()).add((event.vantage, event.op, event.copy))
            return event.order
        if isinstance(event, Complete):
            order = self._of_op.get(event.op, "")
            self._open.get(order, set()).discard((event.vantage, event.op, event.copy))
            return order
        if isinstance(event, FaultChange):
            return self._of_op.get(event.op, "") if event.change == "fired" else ""
        return str(getattr(event, "order", ""))

    def certain(self) -> list[Finding]:
        """Return the findings that have become certain since the last call, in the sequence of their orders."""
        quiet = [order for order in self._by_order if order in self._touched and not self._open.get(order)]
        if not quiet:
            return []
        self._touched.difference_update(quiet)
        events = [*self._of_run, *(e for order in quiet for e in self._by_order[order])]
        part = History(self.history.header, events, complete=False)
        judge = OrderJudge(part.header.promises)
        orders = [order for order in part.orders if order.number in self._by_order]
        found = list(_findings(judge, orders, self._context(part)))
        new = [f for f in found if (f.guarantee, f.order) not in self.told]
        self.told.update({(f.guarantee, f.order): f for f in new})
        return new

    def _context(self, part: History) -> PartialContext:
        header = part.header
        return PartialContext(
            header.promises,
            exposure_window_ns=header.exposure_window_ns,
            healed_ns=part.healed_ns(),
            end_ns=last_ns([e.at_ns for e in self.history.events[-1000:]]),
            complete=False,
            clock_moves=part.spans_of("clock"),
        )


def _findings(judge: OrderJudge, orders: list[OrderHistory], context: PartialContext) -> Iterator[Finding]:
    """Return all findings of orders; a tally keeps only the worst of many."""
    for start in range(0, len(orders), FINDINGS_KEPT):
        some = orders[start : start + FINDINGS_KEPT]
        judge.add(some, [(0, i) for i in range(len(some))], context)
        for tally in judge.tallies:
            yield from (f for _, f in tally.findings)
            tally.findings.clear()


def follow(path: Path, clock: Clock, tell: Callable[[str], None]) -> CampaignResult:
    """Follow a journal until its footer, or until Ctrl-C, and judge it then.

    ``tell`` gets a line for each finding. Raises ``FileError`` for a file that is not the same any more, or whose line
    is no event, ``UsageError`` for what cannot be followed.
    """
    refuse_to_follow(path)
    follower: Follower | None = None
    with JournalTail(path) as tail:
        try:
            while not tail.ended:
                events = list(tail.read())
                if follower is None and tail.header is not None:
                    if tail.header.subject == "integration":
                        raise UsageError(f"{path}: the journal of a drill is judged when it is whole, not followed")
                    follower = Follower(History(tail.header, []))
                if follower is not None:
                    follower.add(events)
                    for finding in follower.certain():
                        tell(_line(finding))
                if not tail.ended:
                    clock.sleep_ns(_EVERY_NS)
        except KeyboardInterrupt:
            tell(f"{path}: no longer followed")
        ended = tail.ended
    if follower is None:
        raise FileError(path, 1, "ends before its header", expected="a journal.jsonl of a run")
    whole = History(follower.history.header, follower.history.events, complete=ended)
    result = judged_whole(path, whole, ("the raw answers were not read again: audit it without --follow",), None)
    stands = {(f.guarantee, f.order) for g in result.verdict.guarantees for f in g.findings}
    full = {g.guarantee for g in result.verdict.guarantees if g.violations > len(g.findings)}
    for (guarantee, order), finding in follower.told.items():
        if (guarantee, order) not in stands and guarantee not in full:
            tell(f"taken back: {_line(finding)}")
    return campaign_of([result], str(path.parent))


def _line(finding: Finding) -> str:
    return f"{finding.result} {finding.guarantee}: order {finding.order}: {finding.summary}"
