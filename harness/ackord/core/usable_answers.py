"""Measures how much of a run's answers can be used at all, so that a verdict does not rest on the few that can.

Four things count for nothing: a request that got no answer at all, an answer that the contract cannot read (not
genuine, not of the format, no rule for it), a query that was refused, and an order that the provider never accepted.
Each is a share of what was tried, told with its commonest reason. Above a limit nothing that rests on it counts as
held. A ledger that was read and shows no movement of any order counts for nothing either: it may be one that never
shows any.

The limits:

- ``UNUSABLE_LIMIT`` for answers: what is silent or cannot be read might be exactly what is wrong. The limit is the
  chance of error that the bounds of the landing window accept too.
- ``UNACCEPTED_LIMIT`` for orders: refusing an order is a provider's right, so this limit is high. Beyond a half, the
  verdict would be about the smaller part of what was sent.

Silence that a fault of the run made is an exposure, and no shortfall: that of an operation on which a fault fired, or
in whose time a fault was in force elsewhere than at the edge, where each fault tells the operations that it hit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from .event import FaultChange
from .history import Exchange, History, OrderHistory
from .operation import SUBMITS, Observation, OperationKind, knows
from .reasons import Rank, Reasons
from .verdict import Doubt, MissingEvidence

__all__ = [
    "SILENT_LEDGER_ORDERS",
    "UNACCEPTED_LIMIT",
    "UNUSABLE_LIMIT",
    "AnswerTally",
    "FaultSilence",
    "Shortfall",
    "UsableAnswers",
]

UNUSABLE_LIMIT = 0.05
UNACCEPTED_LIMIT = 0.5
SILENT_LEDGER_ORDERS = 5
"""With fewer orders in progress it may be that none was paid yet."""
_COUNTED = itemgetter(*map(Exchange._fields.index, ("copy", "kind", "observation")))
_QUERY = OperationKind.QUERY
_UNREADABLE, _REJECTED = Observation.UNREADABLE, Observation.REJECTED
_SILENT_QUERIES, _SILENT_SUBMITS = "queries got no answer", "submits got no answer"
_QUERIES, _UNREAD = "answers to queries could not be used", "answers to submits could not be read"
_UNACCEPTED = "orders were never accepted"
_SHORTFALLS: dict[str, tuple[Collection[OperationKind], bool, MissingEvidence]] = {
    _SILENT_QUERIES: ((_QUERY,), False, MissingEvidence.ANSWERED_REQUESTS),
    _SILENT_SUBMITS: (SUBMITS, False, MissingEvidence.ANSWERED_REQUESTS),
    _QUERIES: ((_QUERY,), True, MissingEvidence.USABLE_ANSWERS),
    _UNREAD: (SUBMITS, True, MissingEvidence.USABLE_ANSWERS),
    _UNACCEPTED: (SUBMITS, False, MissingEvidence.ACCEPTED_ORDERS),
}
"""Each shortfall, in the sequence in which they are told: the operations it is a share of, whether only of those that
got an answer, and what a run with too much of it lacks. Orders that were never accepted are a share of the orders.
"""


class Shortfall(NamedTuple):
    """A part of what was tried that counts for nothing."""

    what: str
    """``answers to queries could not be used``."""
    missing: int
    tried: int
    limit: float
    """The share beyond which nothing that rests on it counts as held."""
    lacks: MissingEvidence
    """What the run does not have then."""
    why: str
    """The commonest reason."""
    of_queries: bool = False
    """Whether it matters only to what rests on answers to queries."""

    @property
    def too_much(self) -> bool:
        return self.missing > self.limit * self.tried

    def text(self) -> str:
        """Return ``120 of 480 answers to queries could not be used (25.0 %), most often: 401 BAD_SIGNATURE``."""
        share = f"{100 * self.missing / self.tried:.1f} %"
        why = f", most often: {self.why}" if self.why else ""
        return f"{self.missing:,} of {self.tried:,} {self.what} ({share}){why}"


class AnswerTally:
    """Counts what of orders' answers counts for nothing; the tallies of a run's parts add up to that of the run. Of
    copies that a fault made, and of other accounts, nothing is expected.
    """

    __slots__ = ("counts", "moved", "reasons", "submitted", "taken", "unaccepted")

    def __init__(self) -> None:
        self.counts: Counter[tuple[int, OperationKind, Observation | None]] = Counter()
        """Exchanges by copy, kind and observation."""
        self.submitted = 0
        """Orders that should have been accepted."""
        self.unaccepted = 0
        """Orders of these that never were."""
        self.moved = False
        """Whether a movement of some order was seen."""
        self.taken = 0
        """Orders that are on their way and whose ledger was read."""
        self.reasons = {what: Reasons() for what in (_SILENT_QUERIES, _SILENT_SUBMITS, _QUERIES, _UNREAD, _UNACCEPTED)}

    def add(self, orders: Sequence[OrderHistory], ranks: Sequence[Rank], silence: FaultSilence) -> None:
        """Add orders of a run. ``silence`` knows the faults of the run and the operations of these orders."""
        # A run has hundreds of thousands of exchanges, so they are counted without a loop of Python's.
        counts = Counter(map(_COUNTED, chain.from_iterable(order.exchanges for order in orders)))
        self.counts.update(counts)
        for order, rank in zip(orders, ranks, strict=True):
            if order.submits and not order.key_probes:  # a key of an unusual form is meant to be refused
                self.submitted += 1
                if not order.answers.acks and not order.answers.states and _unknown(order):
                    self.unaccepted += 1
                    for i, x in enumerate(order.submits):
                        self.reasons[_UNACCEPTED].add(_why(x), (rank, i))
        if any(not copy and _part_of(kind, seen) for copy, kind, seen in counts):
            self._add_unusable(orders, ranks, silence)
        self._add_ledger(orders)

    def _add_unusable(self, orders: Sequence[OrderHistory], ranks: Sequence[Rank], silence: FaultSilence) -> None:
        for order, rank in zip(orders, ranks, strict=True):
            for i, x in enumerate(order.exchanges):
                what = "" if x.copy else _part_of(x.kind, x.observation)
                if what and not (x.observation is None and silence(x)):
                    self.reasons[what].add(_why(x), (rank, i))

    def _add_ledger(self, orders: Sequence[OrderHistory]) -> None:
        for order in orders if not self.moved else ():
            if order.movements:
                self.moved = True
                return
            if order.ledger_read_ns is not None and order.answers.acks and not order.answers.no_money:
                self.taken += 1

    def merge(self, other: AnswerTally) -> None:
        """Add the tally of another part of the run."""
        self.counts.update(other.counts)
        self.submitted += other.submitted
        self.unaccepted += other.unaccepted
        self.moved = self.moved or other.moved
        self.taken += other.taken
        for what, reasons in other.reasons.items():
            self.reasons[what].merge(reasons)

    def tried(self, kinds: Collection[OperationKind], *, answered: bool) -> int:
        """Return how many exchanges of these kinds there were; ``answered``: only those that got an answer."""
        return sum(
            n
            for (copy, kind, seen), n in self.counts.items()
            if not copy and kind in kinds and not (answered and seen is None)
        )


class UsableAnswers:
    """Tells what of a run counts for nothing, and whether it is too much."""

    def __init__(self, tally: AnswerTally, *, blind: bool, ledger_was_read: bool) -> None:
        """``blind``: the merchant could read none of its answers."""
        self.blind = blind
        self.shortfalls = [s for what in _SHORTFALLS if (s := _shortfall(what, tally)).missing]
        self.silent_ledger = ""
        """What is said of a ledger that shows nothing; empty if it shows something, or was not read."""
        if ledger_was_read and not tally.moved and tally.taken >= SILENT_LEDGER_ORDERS:
            taken = f"{tally.taken:,} orders that were accepted"
            self.silent_ledger = f"the ledger was read and shows no movement of any of the {taken}"

    @classmethod
    def of(cls, history: History) -> UsableAnswers:
        """Return what of a history counts for nothing."""
        tally = AnswerTally()
        tally.add(history.orders, [(0, i) for i in range(len(history.orders))], FaultSilence.of(history))
        return cls(tally, blind=history.merchant_is_blind, ledger_was_read=history.ledger_was_read)

    def doubt(self, *, reads_queries: bool, reads_ledger: bool = False) -> Doubt | None:
        """Return why nothing counts as held; ``None`` if there is no such reason. ``reads_queries`` and
        ``reads_ledger``: whether it rests on answers to queries, and on the ledger.
        """
        if self.blind:
            return Doubt(MissingEvidence.USABLE_ANSWERS, "the merchant could read none of the answers that it got")
        if reads_ledger and self.silent_ledger:
            return Doubt(MissingEvidence.LEDGER_MOVEMENTS, self.silent_ledger)
        for shortfall in self.shortfalls:
            if shortfall.too_much and (reads_queries or not shortfall.of_queries):
                reason = f"{shortfall.text()}; above {shortfall.limit:.0%} nothing counts as held"
                return Doubt(shortfall.lacks, reason)
        return None


def _part_of(kind: OperationKind, seen: Observation | None) -> str:
    """Return which shortfall an exchange is a part of; empty: of none."""
    if kind is _QUERY:
        return _SILENT_QUERIES if seen is None else _QUERIES if seen in (_UNREADABLE, _REJECTED) else ""
    if kind in SUBMITS:
        return _SILENT_SUBMITS if seen is None else _UNREAD if seen is _UNREADABLE else ""
    return ""


def _shortfall(what: str, tally: AnswerTally) -> Shortfall:
    reasons = tally.reasons[what]
    kinds, answered, lacks = _SHORTFALLS[what]
    if what == _UNACCEPTED:
        return Shortfall(what, tally.unaccepted, tally.submitted, UNACCEPTED_LIMIT, lacks, reasons.commonest)
    tried = tally.tried(kinds, answered=answered)
    return Shortfall(what, reasons.total, tried, UNUSABLE_LIMIT, lacks, reasons.commonest, _QUERY in kinds)


class FaultSilence:
    """Tells of an exchange without an answer whether a fault of the run may have made its silence."""

    def __init__(self, faults: Sequence[FaultChange], given_up_ns: Callable[[Exchange], int | None]) -> None:
        """``given_up_ns`` says when an exchange without an answer was given up, if that was recorded."""
        self._given_up_ns = given_up_ns
        self._fired_on = {f.op for f in faults if f.change == "fired" and f.op}
        self._spans: list[tuple[int, int | None]] = []
        """When a fault elsewhere than at the edge was in force, its schedule's pauses included: what it struck may
        still be recovering then. ``None``: to the end.
        """
        armed: dict[str, int] = {}
        for f in faults:
            if f.seam != "edge" and f.change == "armed":
                armed.setdefault(f.fault, f.at_ns)
            elif f.change == "healed" and f.fault in armed:
                self._spans.append((armed.pop(f.fault), f.at_ns))
        self._spans += [(at_ns, None) for at_ns in armed.values()]

    @classmethod
    def of(cls, history: History) -> FaultSilence:
        """Return it for a whole history."""
        return cls(history.faults, history.given_up_ns)

    def __call__(self, x: Exchange) -> bool:
        if x.op in self._fired_on:
            return True
        end_ns = self._given_up_ns(x)
        return any(
            (until_ns is None or x.begin_ns <= until_ns) and (end_ns is None or end_ns >= from_ns)
            for from_ns, until_ns in self._spans
        )


def _unknown(order: OrderHistory) -> bool:
    """Whether no answer to a submit says that the provider has the order."""
    return not any(knows(x.kind, x.observation) for x in order.submits)


def _why(x: Exchange) -> str:
    return x.detail or "no reason was given"
