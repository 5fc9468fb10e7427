"""Collects all that a run recorded of one order that broke a guarantee: each exchange at both vantages with its raw
answer, callbacks, the merchant's word, movements of money, and the faults of that time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ...core.event import Begin, CallbackDelivered, CallbackReceived, Complete, FaultChange, MerchantReport, Movement
from ...core.history import Exchange, History, OrderHistory
from ...core.operation import OperationKind, Vantage
from ...core.verdict import Finding
from .fault_activity import FaultTimeline, fault_timelines

__all__ = ["EXCHANGES", "OrderRecord", "OrderRecords", "TwoSidedExchange"]

EXCHANGES = 16
"""The most exchanges of an order that are shown; the others are counted."""
_OTHERS = 8
"""The most callbacks, and the most movements."""


class TwoSidedExchange(NamedTuple):
    """One exchange, as each vantage saw it. A copy that was made on the way has no merchant's side."""

    judged: Exchange
    sent: Begin | None
    """At the merchant."""
    got: Complete | None
    """At the merchant."""
    reached: Begin | None
    """At the provider."""
    answered: Complete | None
    """At the provider."""
    acknowledges: bool
    """Whether its answer is the first acknowledgement."""
    offending: bool
    evidence: bool
    fired: tuple[FaultChange, ...]
    """Faults that fired on it."""

    @property
    def begin_ns(self) -> int:
        return min(b.at_ns for b in (self.sent, self.reached) if b is not None) if self.sides else self.judged.begin_ns

    @property
    def sides(self) -> list[tuple[Begin, Complete | None]]:
        """Return the vantages that saw it: request and, if there was one, the end."""
        pairs = ((self.sent, self.got), (self.reached, self.answered))
        return [(begin, end) for begin, end in pairs if begin is not None]


@dataclass(slots=True)
class OrderRecord:
    """What is shown of one order. Instants are the journal's."""

    order: OrderHistory
    finding: Finding
    exchanges: list[TwoSidedExchange]
    left_out: int
    """Exchanges that are not shown."""
    callbacks: list[CallbackReceived] = field(default_factory=list)
    deliveries: list[CallbackDelivered] = field(default_factory=list)
    callbacks_left_out: int = 0
    reports: list[MerchantReport] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    movements_left_out: int = 0
    faults: list[FaultTimeline] = field(default_factory=list)
    """All of the run."""
    origin_ns: int = 0
    """The acknowledgement, or else the first that is known of the order."""

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and the last instant of what is shown."""
        found = [ns for busy in self.busy for ns in busy]
        return (min(found), max(found)) if found else (self.finding.at_ns, self.finding.at_ns)

    @property
    def busy(self) -> list[tuple[int, int]]:
        """Return the intervals in which something happened to the order."""
        spans = [(b.at_ns, max(b.at_ns, e.at_ns) if e else b.at_ns) for x in self.exchanges for b, e in x.sides]
        spans += [(c.at_ns, c.at_ns) for c in self.callbacks]
        spans += [(d.sent_ns, max(d.sent_ns, d.at_ns)) for d in self.deliveries]
        spans += [(r.at_ns, r.at_ns) for r in self.reports]
        spans += [(m.at_ns, m.at_ns) for m in self.movements]
        return spans


_Key = tuple[Vantage, int, int]


class OrderRecords:
    """Finds the records of the orders of one history's findings, with one pass over its events."""

    def __init__(self, history: History, found: Iterable[tuple[Finding, OrderHistory]]) -> None:
        self._history = history
        wanted = {x.op for _, order in found for x in (*order.exchanges, *order.foreign)}
        self._begins: dict[_Key, Begin] = {}
        self._ends: dict[_Key, Complete] = {}
        for e in history.events if wanted else ():
            if isinstance(e, Begin) and e.op in wanted:
                self._begins[e.vantage, e.op, e.copy] = e
            elif isinstance(e, Complete) and e.op in wanted:
                self._ends[e.vantage, e.op, e.copy] = e
        end_ns = max((e.at_ns for e in history.events[-1000:]), default=0)
        self._faults = fault_timelines(history.faults, end_ns)
        self._fired: dict[int, list[FaultChange]] = {}
        for f in history.faults:
            if f.change == "fired" and f.op:
                self._fired.setdefault(f.op, []).append(f)

    def of(self, finding: Finding, order: OrderHistory) -> OrderRecord:
        """Return the record of the order of one finding."""
        everything = [*order.exchanges, *order.foreign]
        chosen = _telling(order, everything, finding)
        numbers = {finding.order, order.number, *(x.order for x in everything)}
        numbers = (numbers | {m.order for m in order.movements}) - {""}
        calls = [c for n in sorted(numbers) for c in self._history.callback_deliveries.get(n, ())]
        heard = [c for o in self._history.orders if o.number in numbers for c in o.callbacks] if not calls else []
        intents = {i for n in numbers if (i := self._history.intents.get(n))}
        reports = [r for r in self._history.merchant_reports if r.order in numbers or (r.intent in intents)]
        money = list({m.movement_id: m for m in order.movements}.values())
        money.sort(key=lambda m: (m.movement_id not in finding.movements, m.at_ns))
        calls.sort(key=lambda c: (not c.forged, c.sent_ns))
        record = OrderRecord(
            order,
            finding,
            [self._seen(x, order, finding) for x in chosen],
            len(everything) - len(chosen),
            callbacks=heard[:_OTHERS],
            deliveries=sorted(calls[:_OTHERS], key=lambda c: c.sent_ns),
            callbacks_left_out=max(0, len(heard) - _OTHERS) + max(0, len(calls) - _OTHERS),
            reports=reports[:_OTHERS],
            movements=sorted(money[:_OTHERS], key=lambda m: m.at_ns),
            movements_left_out=max(0, len(money) - _OTHERS),
            faults=self._faults,
        )
        acknowledged_ns = order.acknowledged_ns
        record.origin_ns = acknowledged_ns if acknowledged_ns is not None else record.span[0]
        return record

    def _seen(self, x: Exchange, order: OrderHistory, finding: Finding) -> TwoSidedExchange:
        merchant, provider = (Vantage.MERCHANT, x.op, x.copy), (Vantage.PROVIDER, x.op, x.copy)
        first = order.acks[0] if order.acks else None
        key = (x.op, x.copy)
        return TwoSidedExchange(
            x,
            self._begins.get(merchant),
            self._ends.get(merchant) if merchant in self._begins else None,
            self._begins.get(provider),
            self._ends.get(provider),
            acknowledges=first is not None and key == (first.op, first.copy),
            # Where the ledger is the offence, no single answer is.
            offending=bool(finding.evidence) and not finding.movements and key == finding.evidence[-1],
            evidence=key in finding.evidence,
            fired=tuple(self._fired.get(x.op, ())),
        )


def _telling(order: OrderHistory, everything: list[Exchange], finding: Finding) -> list[Exchange]:
    """Return at most ``EXCHANGES`` by time: the evidence, the first submit, the acknowledgement, then those nearest to
    the offence.
    """
    if len(everything) > EXCHANGES:
        by_key = {(x.op, x.copy): x for x in everything}
        near = sorted(everything, key=lambda x: abs(x.begin_ns - finding.at_ns))
        writes = [x for x in order.submits if x.kind in (OperationKind.SUBMIT, OperationKind.RESUBMIT)]
        wanted = [by_key[key] for key in reversed(finding.evidence) if key in by_key]
        wanted += [*writes[:1], *order.acks[:1], *near]
        everything = list({(x.op, x.copy): x for x in wanted}.values())[:EXCHANGES]
    return sorted(everything, key=lambda x: (x.begin_ns, x.op, x.copy))
