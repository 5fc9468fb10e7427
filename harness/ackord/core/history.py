"""Splits the events of one run into one history for each order.

Orders are independent keys. A judge is therefore a function of one ``OrderHistory``, and judging is nearly linear in
the number of events. A history is selected by the order *number* alone, not by (account, number), because the answers
that other accounts got about this number are judged too.

Intervals are closed. An exchange that began at the instant in which another one was complete is concurrent with it and
proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from .event import (
    CallbackDelivered,
    ClockAdvance,
    Event,
    FaultChange,
    LedgerRead,
    MerchantReport,
    Phase,
    ReplicationSample,
)  # fmt: skip
from .event_index import EventIndex, gc_disabled, latest_read
from .exchange import Exchange
from .operation import OperationKind, Outcome, Vantage
from .order_history import UNNAMED, OrderHistory, order_history
from .payment_state import PaymentState
from .run_header import RunHeader
from .statement_readings import StatementReadings

__all__ = ["UNNAMED", "Exchange", "History", "OrderHistory", "RunHeader"]


class History:
    """The events of one run and the header that says how to judge them."""

    def __init__(self, header: RunHeader, events: Iterable[Event], *, complete: bool = True) -> None:
        self.header = header
        self.events: list[Event] = events if isinstance(events, list) else list(events)
        self.complete = complete
        """False when the journal has no footer. The run was then cut off, and a missing event proves nothing."""

    def __repr__(self) -> str:
        return f"<history of {self.header.contract} under {self.header.profile}: {len(self.events)} events>"

    @cached_property
    def _sorted(self) -> EventIndex:
        with gc_disabled():
            return EventIndex(self.events, self.header.vantage)

    @cached_property
    def orders(self) -> list[OrderHistory]:
        """Return one history for each order number, sorted by first event. Ledger readings without an order number are
        left out.
        """
        with gc_disabled():
            return list(self._cut(self._sorted))

    @property
    def faults(self) -> list[FaultChange]:
        return self._sorted.faults

    @cached_property
    def effective_faults(self) -> frozenset[str]:
        """Return the faults that were proven to have had an effect: ``effective``, or ``fired`` on an operation."""
        return frozenset(f.fault for f in self.faults if f.change in ("effective", "fired"))

    @property
    def replication(self) -> dict[str, list[ReplicationSample]]:
        """Return the samples by replica; the standby is ``""``."""
        return self._sorted.replication

    @property
    def intents(self) -> dict[str, str]:
        """Return the declared intents by order number; the first that an order was submitted for counts."""
        return self._sorted.intents

    @property
    def clock_advances(self) -> list[ClockAdvance]:
        """Return by how much the sandbox's clock was moved on, and when."""
        return self._sorted.advances

    @property
    def callback_deliveries(self) -> dict[str, list[CallbackDelivered]]:
        """Return what was passed on to the merchant of a drill by order number; empty: the order was not known."""
        return self._sorted.deliveries

    @property
    def merchant_reports(self) -> list[MerchantReport]:
        return self._sorted.reports

    @property
    def phases(self) -> list[Phase]:
        return self._sorted.phases

    def healed_ns(self) -> int | None:
        """Return when the last fault was healed: the start of the phase ``settle``."""
        return next((p.at_ns for p in self.phases if p.name == "settle"), None)

    def settled_ns(self) -> int | None:
        """Return when settling began in a run that came to its end; ``None``: no order was asked for to the end."""
        return self.healed_ns() if self.complete and any(p.name == "done" for p in self.phases) else None

    @property
    def ledger_reads_of_all(self) -> LedgerRead | None:
        """Return the last reading of the whole ledger to its end; ``None``: there was none."""
        return self._sorted.ledger_reads.get("")

    @property
    def ledger_was_read(self) -> bool:
        """Return whether the ledger was read to its end at least once."""
        return bool(self._sorted.ledger_reads)

    @property
    def statements(self) -> StatementReadings:
        """Return all readings of statements."""
        return self._sorted.statements

    @property
    def ledger_unread(self) -> tuple[int, str]:
        """Return for how many orders a ledger by order could not be read, and the commonest reason."""
        unread = self._sorted.ledger_unread
        return len(unread), Counter(unread.values()).most_common(1)[0][0] if unread else ""

    @property
    def ledger_problem(self) -> str:
        """Return why the last failed reading of the ledger failed; empty if no reason was recorded."""
        return self._sorted.ledger_problem

    @property
    def unknown_movements(self) -> int:
        """Return how many rows of the ledger stand under numbers that the run does not know."""
        return self._sorted.unknown_movements

    def outcome_counts(self) -> dict[tuple[OperationKind, Outcome], int]:
        """Count the merchant's operations by kind and outcome, so that a run in which nothing succeeded can be
        detected.
        """
        return self._sorted.outcome_counts()

    @property
    def merchant_is_blind(self) -> bool:
        """Return whether the merchant's operations ended and none of them brought it an answer that it could read."""
        return bool(self.outcome_counts()) and not self._sorted.readable

    @property
    def nodes_asked(self) -> frozenset[str]:
        """Return the nodes and hosts of the provider that requests reached, at the judged vantage."""
        return frozenset(self._sorted.nodes - {""})

    def given_up_ns(self, x: Exchange) -> int | None:
        """Return when an exchange without an answer was given up; ``None``: that was not recorded."""
        done = self._sorted.completes.get((x.op, x.copy) if x.copy else x.op)
        return None if done is None else done.at_ns

    def faults_active(self, at_ns: int, op: int = 0) -> list[FaultChange]:
        """Return the faults that were active at ``at_ns``, and those that fired on ``op``."""
        active: dict[str, FaultChange] = {}
        fired = []
        for f in self.faults:
            if f.activates and f.at_ns <= at_ns:
                active[f.fault] = f
            elif f.activates is False and f.at_ns <= at_ns:
                active.pop(f.fault, None)
            elif f.change == "fired" and op and f.op == op:
                fired.append(f)
        return [*active.values(), *fired]

    def spans_of(self, seam: str) -> list[tuple[int, int | None]]:
        """Return when faults of a seam were in force, their schedules' pauses included; ``None``: to the end."""
        armed: dict[str, int] = {}
        spans: list[tuple[int, int | None]] = []
        for f in self.faults:
            if f.seam == seam and f.change == "armed":
                armed.setdefault(f.fault, f.at_ns)
            elif f.change == "healed" and f.fault in armed:
                spans.append((armed.pop(f.fault), f.at_ns))
        return [*spans, *((at_ns, None) for at_ns in armed.values())]

    def _cut(self, events: EventIndex) -> Iterator[OrderHistory]:
        at_provider = self.header.vantage is Vantage.PROVIDER
        completes, readable, callbacks, fail = events.completes, events.readable, events.callbacks, Outcome.FAIL
        reads, whole = events.ledger_reads, events.ledger_reads.get("")
        lines, statements = events.lines, events.statements
        retention_ns = self.header.promises.key_retention_ns
        none = PaymentState.UNKNOWN
        for number, begins in events.begins.items():
            exchanges = list[Exchange]()
            varied = False
            for (
                at_ns, _, op, copy, kind, account, _, attempt, fingerprint, sent, node, currency, payee, refund_no,
                variation,
            ) in begins:  # fmt: skip
                c = completes.get((op, copy) if copy else op)
                if c is None or c.observation is None:
                    exchanges.append(
                        Exchange(op, copy, kind, account, number, attempt, at_ns, None, None, none, None, None,
                                 sent, fingerprint, False, c.detail if c else "no answer", node, False, currency, payee,
                                 None, None, refund_no, variation)
                    )  # fmt: skip
                else:
                    delivered = copy == 0 and op in readable if at_provider else True
                    exchanges.append(
                        Exchange(op, copy, kind, account, number, attempt, at_ns, c.at_ns, c.observation, c.state,
                                 c.provider_id, c.amount_minor, sent, fingerprint, delivered, c.detail, node,
                                 c.outcome is fail, currency, payee, c.currency, c.payee, refund_no, variation)
                    )  # fmt: skip
                if variation:
                    varied = True
            yield order_history(
                number,
                exchanges,
                events.movements.get(number, []),
                latest_read(whole, reads.get(number)),
                callbacks.get(number, ()),
                events.advances,
                retention_ns,
                varied=varied,
                lines=lines.get(number, ()),
                statements=statements,
            )
        yield from events.orders_never_asked(events.begins, whole, statements)
