"""Queries whose results come by callback, and the callbacks that bring them: which belongs to which.

A callback names an order, not a query. Where several queries of one order wait, a callback that shows the order is
given to the newest of them, and one that says that there is none to the oldest: whatever the truth was, no answer is
then held against the provider that it may have given to an earlier question. A callback may arrive before the gateway's
record of the query that it answers, so both wait for each other.

Where the same callback also announces changes, an announcement may end a query, and that query's own result then comes
late, when the next one waits already. So of such providers nothing is made of a callback that shows less than another
one of the order showed before: it may be old.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..contract.codec.codec import HttpResponse, Interpretation
from ..core.operation import Observation
from ..core.payment_state import RANK
from ..core.recent_dict import RecentDict

__all__ = ["ArrivedCallback", "PendingQueries", "PendingQuery"]

_MOST_ARRIVED = 16
"""Callbacks of one order that are kept for queries whose records are late; they are late by less than a second."""


class PendingQuery(NamedTuple):
    """A query that was only taken."""

    op: int
    copy: int
    begin_ns: int


class ArrivedCallback(NamedTuple):
    """A callback that may end one."""

    at_ns: int
    reading: Interpretation
    answer: HttpResponse


@dataclass
class PendingQueries:
    """One vantage's view; orders are told apart by whatever key they are given."""

    announced: bool = False
    """Callbacks also come by themselves."""

    _waiting: dict[Hashable, list[PendingQuery]] = field(default_factory=lambda: defaultdict(list))
    _arrived: RecentDict[Hashable, deque[ArrivedCallback]] = field(default_factory=RecentDict)
    _highest: RecentDict[Hashable, int] = field(default_factory=RecentDict)
    """The most that a callback showed of an order."""

    def wait(self, order: Hashable, query: PendingQuery) -> tuple[PendingQuery, ArrivedCallback] | None:
        """A query waits; the pair, if a callback that came after it was sent is there already."""
        self._waiting[order].append(query)
        for arrived in self._arrived.get(order, ()):
            if arrived.at_ns >= query.begin_ns:
                self._arrived[order].remove(arrived)
                return self._pair(order, arrived)
        return None

    def arrive(self, order: Hashable, arrived: ArrivedCallback) -> tuple[PendingQuery, ArrivedCallback] | None:
        """A callback came; the pair, if a query waits for it. One that nobody waits for is kept for a query whose
        record is late.
        """
        rank = RANK[arrived.reading.state]
        highest = self._highest.get(order, 0)
        if self.announced and rank < highest:
            return None
        self._highest[order] = max(rank, highest)
        if not any(query.begin_ns <= arrived.at_ns for query in self._waiting.get(order, ())):
            self._arrived.setdefault(order, deque(maxlen=_MOST_ARRIVED)).append(arrived)
            return None
        return self._pair(order, arrived)

    def give_up(self, order: Hashable, op: int) -> None:
        """A query is not waited for any longer."""
        for query in [query for query in self._waiting.get(order, ()) if query.op == op]:
            self._forget(order, query)

    def _pair(self, order: Hashable, arrived: ArrivedCallback) -> tuple[PendingQuery, ArrivedCallback]:
        candidates = [query for query in self._waiting[order] if query.begin_ns <= arrived.at_ns]
        choose = min if arrived.reading.observation is Observation.NOT_FOUND else max
        query = choose(candidates, key=lambda query: query.begin_ns)
        self._forget(order, query)
        return query, arrived

    def _forget(self, order: Hashable, query: PendingQuery) -> None:
        self._waiting[order].remove(query)
        if not self._waiting[order]:
            del self._waiting[order]
