"""Queries whose results come by callback, and the callbacks that bring them: which belongs to which.

A callback names an order, not a query. Where several queries of one order wait, a callback that shows the order is given to the newest of them, and one that
says that there is none to the oldest: whatever the truth was, no answer is then held against the provider that it may have given to an earlier question. A
callback may arrive before the gateway's record of the query that it answers, so both wait for each other.

Where the same callback also announces changes, an announcement may end a query, and that query's own result then comes late, when the next one waits already. So of such
providers nothing is made of a callback that shows less than another one of the order showed before: it may be old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..contract.codec.codec import HttpResponse, Interpretation
from ..core.operation import Observation
from ..core.payment_state import RANK

__all__ = ["ArrivedCallback", "PendingQueries", "PendingQuery"]


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
    _arrived: dict[Hashable, list[ArrivedCallback]] = field(default_factory=lambda: defaultdict(list))

    _highest: dict[Hashable, int] = field(default_factory=lambda: defaultdict(int))
    """The most that a callback showed of an order."""

    def wait(self, order: Hashable, query: PendingQuery) -> tuple[PendingQuery, ArrivedCallback] | None:
        """A query waits; the pair, if a callback that came after it was sent is there already."""
        self._waiting[order].append(query)
        for arrived in self._arrived[order]:
            if arrived.at_ns >= query.begin_ns:
                self._arrived[order].remove(arrived)
                return self._pair(order, arrived)
        return None

    def arrive(self, order: Hashable, arrived: ArrivedCallback) -> tuple[PendingQuery, ArrivedCallback] | None:
        """A callback came; the pair, if a query waits for it. One that nobody waits for is kept for a query whose record is late."""
        rank = RANK[arrived.reading.state]
        if self.announced and rank < self._highest[order]:
            return None
        self._highest[order] = max(rank, self._highest[order])
        if not any(query.begin_ns <= arrived.at_ns for query in self._waiting[order]):
            self._arrived[order].append(arrived)
            return None
        return self._pair(order, arrived)

    def give_up(self, order: Hashable, op: int) -> None:
        """A query is not waited for any longer."""
        self._waiting[order] = [query for query in self._waiting[order] if query.op != op]

    def _pair(self, order: Hashable, arrived: ArrivedCallback) -> tuple[PendingQuery, ArrivedCallback]:
        candidates = [query for query in self._waiting[order] if query.begin_ns <= arrived.at_ns]
        choose = min if arrived.reading.observation is Observation.NOT_FOUND else max
        query = choose(candidates, key=lambda query: query.begin_ns)
        self._waiting[order].remove(query)
        return query, arrived
