"""Holds what a run's events say beside the histories of its orders; the facts of its parts add up to those of the run.

``PartHistory`` is a history of which only some orders are in memory, with these facts for all the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from ..core.event import Event, FaultChange, LedgerRead, UnknownMovements
from ..core.history import History
from ..core.operation import OperationKind, Outcome
from ..core.reasons import Reasons
from ..core.run_header import RunHeader
from .operations import Operations

__all__ = ["NumberedEvent", "PartHistory", "RunFacts"]

NumberedEvent = tuple[int, Event]
"""An event and its number in the sequence of recording."""


class RunFacts:
    """Facts of a run, or of a part of it."""

    def __init__(self) -> None:
        self.operations = 0
        self.outcomes: Counter[tuple[OperationKind, Outcome]] = Counter()
        self.readable = False
        """Whether some operation brought the merchant a readable answer."""
        self.nodes: set[str] = set()
        self.effective_faults: set[str] = set()
        self.ledger_was_read = False
        self.ledger_problem: tuple[int, str] = (-1, "")
        """The last, with the number of its event."""
        self.unread = Reasons()
        """Why the last reading of a ledger by order failed, for each order of which it did."""
        self.unknown_movements: tuple[int, int] = (-1, 0)
        self.begin_ns: int | None = None
        self.end_ns: int | None = None

    def add_operations(self, operations: Operations) -> None:
        """Add a table's operations."""
        self.operations += operations.merchant_operations()
        self.outcomes.update(operations.outcomes())
        self.readable = self.readable or operations.any_readable
        self.nodes |= operations.nodes()

    def add_events(self, events: Iterable[NumberedEvent]) -> None:
        """Add the other events of whole orders, in the sequence of recording."""
        unread: dict[str, tuple[int, str]] = {}
        for seq, event in events:
            if isinstance(event, FaultChange) and event.change in ("effective", "fired"):
                self.effective_faults.add(event.fault)
            elif isinstance(event, UnknownMovements):
                self.unknown_movements = max(self.unknown_movements, (seq, event.rows))
            elif isinstance(event, LedgerRead) and event.problem:
                self.ledger_problem = max(self.ledger_problem, (seq, event.problem))
                if event.order:
                    unread[event.order] = unread.get(event.order, (seq, ""))[0], event.problem
            elif isinstance(event, LedgerRead):
                self.ledger_was_read = True
                unread.pop(event.order, None)
        for seq, why in unread.values():
            self.unread.add(why, ((0, seq), 0))

    def add_time(self, first_ns: int, last_ns: int) -> None:
        """Add the instants of the first and the last of some events."""
        self.begin_ns = first_ns if self.begin_ns is None else min(self.begin_ns, first_ns)
        self.end_ns = last_ns if self.end_ns is None else max(self.end_ns, last_ns)

    @property
    def elapsed_ns(self) -> int:
        return 0 if self.begin_ns is None or self.end_ns is None else self.end_ns - self.begin_ns

    def merge(self, other: RunFacts) -> None:
        """Add the facts of another part of the run, with other orders."""
        self.operations += other.operations
        self.outcomes.update(other.outcomes)
        self.readable = self.readable or other.readable
        self.nodes |= other.nodes
        self.effective_faults |= other.effective_faults
        self.ledger_was_read = self.ledger_was_read or other.ledger_was_read
        self.ledger_problem = max(self.ledger_problem, other.ledger_problem)
        self.unread.merge(other.unread)
        self.unknown_movements = max(self.unknown_movements, other.unknown_movements)
        if other.begin_ns is not None and other.end_ns is not None:
            self.add_time(other.begin_ns, other.end_ns)


class PartHistory(History):
    """A run of which the events of some orders are at hand; what is asked about the run as a whole is told of it all.

    ``orders`` are those at hand.
    """

    def __init__(self, header: RunHeader, events: Iterable[Event], facts: RunFacts, *, complete: bool) -> None:
        super().__init__(header, events, complete=complete)
        self._facts = facts

    @cached_property
    def effective_faults(self) -> frozenset[str]:
        return frozenset(self._facts.effective_faults)

    @property
    def ledger_was_read(self) -> bool:
        return self._facts.ledger_was_read

    @property
    def ledger_unread(self) -> tuple[int, str]:
        return self._facts.unread.total, self._facts.unread.commonest

    @property
    def ledger_problem(self) -> str:
        return self._facts.ledger_problem[1]

    @property
    def unknown_movements(self) -> int:
        return self._facts.unknown_movements[1]

    def outcome_counts(self) -> dict[tuple[OperationKind, Outcome], int]:
        return dict(self._facts.outcomes)

    @property
    def merchant_is_blind(self) -> bool:
        return bool(self._facts.outcomes) and not self._facts.readable

    @property
    def nodes_asked(self) -> frozenset[str]:
        return frozenset(self._facts.nodes - {""})
