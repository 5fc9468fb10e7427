"""Indexes a run's events in one pass: exchanges and movements by order number; faults, phases and samples in lists."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter

from .event import (
    Begin,
    CallbackDelivered,
    CallbackReceived,
    ClockAdvance,
    Complete,
    Event,
    FaultChange,
    LedgerRead,
    MerchantReport,
    Movement,
    OrderIntent,
    Phase,
    ReplicationSample,
    UnknownMovements,
)
from .operation import Observation, OperationKind, Outcome, Vantage
from .order_history import UNNAMED, OrderHistory
from .statement_events import StatedLine, StatementPage, StatementRead
from .statement_readings import STATEMENT, StatementReadings

__all__ = ["EventIndex", "gc_disabled", "latest_read"]


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Disable the cyclic garbage collector while the context is entered.

    Indexing and judging make millions of small objects and no cycles, so each collection would visit them in vain.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class EventIndex:
    """Indexes the events of one run, as one vantage sees them."""

    __slots__ = (
        "_kinds",
        "_outcomes",
        "advances",
        "begins",
        "callbacks",
        "completes",
        "deliveries",
        "faults",
        "intents",
        "ledger_problem",
        "ledger_reads",
        "ledger_unread",
        "lines",
        "movements",
        "nodes",
        "phases",
        "readable",
        "replication",
        "reports",
        "statements",
        "unknown_movements",
    )

    def __init__(self, events: Iterable[Event], judged: Vantage) -> None:
        self.begins: dict[str, list[Begin]] = {}
        """At the judged vantage, by order number."""
        self.completes: dict[int | tuple[int, int], Complete] = {}
        """At the judged vantage, by ``op`` or, for a copy, ``(op, copy)``."""
        self.readable: set[int] = set()
        """Operations that brought the merchant a readable answer."""
        self.nodes: set[str] = set()
        """Nodes and hosts that requests reached at the judged vantage."""
        self.movements: dict[str, list[Movement]] = {}
        self.callbacks: dict[str, list[CallbackReceived]] = {}
        """By order number; empty: it names no order that is known."""
        self.deliveries: dict[str, list[CallbackDelivered]] = {}
        """What was passed on to the merchant of a drill, by order number."""
        self.ledger_problem = ""
        self.ledger_reads: dict[str, LedgerRead] = {}
        """The last reading to the end, by order number; empty: of the whole ledger."""
        self.ledger_unread: dict[str, str] = {}
        """Orders whose last reading of a ledger by order failed, and why."""
        self.unknown_movements = 0
        """Rows of the ledger under numbers that are nobody's as far as the run knows."""
        self.faults: list[FaultChange] = []
        self.phases: list[Phase] = []
        self.replication: dict[str, list[ReplicationSample]] = {}
        """By replica."""
        self.advances: list[ClockAdvance] = []
        self.intents: dict[str, str] = {}
        """By order number."""
        self.reports: list[MerchantReport] = []
        self.lines: dict[str, list[StatedLine]] = {}
        """Of statements, by order number."""
        self.statements = StatementReadings()
        self._kinds: dict[int, OperationKind] = {}
        self._outcomes: dict[Outcome, list[int]] = defaultdict(list)
        self._sort(events, judged)

    def _sort(self, events: Iterable[Event], judged: Vantage) -> None:
        begins, completes, readable = self.begins, self.completes, self.readable
        kinds, outcomes, nodes = self._kinds, self._outcomes, self.nodes
        merchant, silent = Vantage.MERCHANT, (None, Observation.UNREADABLE)
        for event in events:
            if isinstance(event, Begin):
                vantage = event.vantage
                if vantage is merchant:
                    kinds[event.op] = event.kind
                if vantage is judged and event.order:
                    order = event.order
                    nodes.add(event.node)
                    if order in begins:
                        begins[order].append(event)
                    else:
                        begins[order] = [event]
            elif isinstance(event, Complete):
                vantage = event.vantage
                if vantage is judged:
                    completes[(event.op, event.copy) if event.copy else event.op] = event
                if vantage is merchant:
                    outcomes[event.outcome].append(event.op)
                    if event.observation not in silent:
                        readable.add(event.op)
            elif isinstance(event, Movement):
                self.movements.setdefault(event.order, []).append(event)
            else:
                self._sort_rare(event)
        if "" in self.callbacks:
            self._find_orders_called()

    def _find_orders_called(self) -> None:
        """Give callbacks that name only the provider's identifier to its order: they may come before the answer that
        told the identifier. What is not genuine names nothing.
        """
        of = {(b.op, b.copy) if b.copy else b.op: order for order, begins in self.begins.items() for b in begins}
        ids = {c.provider_id: of[key] for key, c in self.completes.items() if c.provider_id is not None and key in of}
        unknown = []
        for called in self.callbacks.pop(""):
            order = "" if called.problem else ids.get(called.provider_id or "", "")
            if order:
                self.callbacks.setdefault(order, []).append(called)
                self.callbacks[order].sort(key=attrgetter("at_ns"))
            else:
                unknown.append(called)
        if unknown:
            self.callbacks[""] = unknown

    def _sort_rare(
        self,
        event: FaultChange
        | Phase
        | ReplicationSample
        | LedgerRead
        | UnknownMovements
        | CallbackReceived
        | CallbackDelivered
        | ClockAdvance
        | OrderIntent
        | MerchantReport
        | StatedLine
        | StatementPage
        | StatementRead,
    ) -> None:
        if isinstance(event, StatedLine):
            self.lines.setdefault(event.order, []).append(event)
        elif isinstance(event, StatementPage | StatementRead):
            self.statements.add(event)
        elif isinstance(event, ReplicationSample):
            self.replication.setdefault(event.replica, []).append(event)
        elif isinstance(event, FaultChange):
            self.faults.append(event)
        elif isinstance(event, Phase):
            self.phases.append(event)
        elif isinstance(event, LedgerRead):
            if event.problem:
                self.ledger_problem = event.problem
                if event.order:
                    self.ledger_unread[event.order] = event.problem
            else:
                self.ledger_reads[event.order] = event
                self.ledger_unread.pop(event.order, None)
        elif isinstance(event, UnknownMovements):
            self.unknown_movements = event.rows
        elif isinstance(event, ClockAdvance):
            self.advances.append(event)
        elif isinstance(event, OrderIntent):
            self.intents.setdefault(event.order, event.intent)
        elif isinstance(event, MerchantReport):
            self.reports.append(event)
        elif isinstance(event, CallbackDelivered):
            self.deliveries.setdefault(event.order, []).append(event)
        else:
            self.callbacks.setdefault(event.order, []).append(event)

    def orders_never_asked(
        self, asked: Container[str], whole: LedgerRead | None, statements: StatementReadings
    ) -> Iterator[OrderHistory]:
        """Return the histories of numbers that only the ledger, a forged callback or a statement names, and that of the
        statements themselves, if their pages are among these events.

        ``asked``: all other numbers; ``whole``: the last reading of the whole ledger; ``statements``: of the run.
        """
        callbacks, lines = self.callbacks, self.lines
        for number, moved in self.movements.items():
            if number not in asked:
                yield OrderHistory(
                    number, [], moved, latest_read(whole, self.ledger_reads.get(number)), callbacks.get(number, ()),
                    lines=lines.get(number, ()), statements=statements,
                )  # fmt: skip
        for number, called in callbacks.items():
            # Who called about it without a genuine signature is told, whatever the number.
            if number not in asked and number not in self.movements and any(c.problem for c in called):
                yield OrderHistory(number or UNNAMED, [], [], None, called)
        for number, stated in lines.items():
            if number not in asked and number not in self.movements:
                read = latest_read(whole, self.ledger_reads.get(number))
                yield OrderHistory(number or UNNAMED, [], [], read, lines=stated, statements=statements)
        if self.statements:
            yield OrderHistory(STATEMENT, [], [], None, statements=statements)

    def outcome_counts(self) -> dict[tuple[OperationKind, Outcome], int]:
        """Count the merchant's operations by kind and outcome."""
        counts: dict[tuple[OperationKind, Outcome], int] = {}
        for outcome, ops in self._outcomes.items():
            for kind, n in Counter(map(self._kinds.get, ops)).items():
                if kind is not None:
                    counts[kind, outcome] = n
        return counts


def latest_read(whole: LedgerRead | None, own: LedgerRead | None) -> LedgerRead | None:
    """Return the later of two readings of the ledger; ``None``: there is none."""
    if whole is None or own is None:
        return whole or own
    return max(whole, own, key=attrgetter("at_ns"))
