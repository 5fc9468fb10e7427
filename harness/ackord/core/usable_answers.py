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
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from .history import Exchange, History, OrderHistory
from .operation import SUBMITS, Observation, OperationKind, knows

__all__ = ["SILENT_LEDGER_ORDERS", "UNACCEPTED_LIMIT", "UNUSABLE_LIMIT", "Shortfall", "UsableAnswers"]

UNUSABLE_LIMIT = 0.05
UNACCEPTED_LIMIT = 0.5
SILENT_LEDGER_ORDERS = 5
"""With fewer orders in progress it may be that none was paid yet."""
_COUNTED = itemgetter(*map(Exchange._fields.index, ("copy", "kind", "observation")))
_QUERY = OperationKind.QUERY
_UNREADABLE, _REJECTED = Observation.UNREADABLE, Observation.REJECTED


class Shortfall(NamedTuple):
    """A part of what was tried that counts for nothing."""

    what: str
    """``answers to queries could not be used``."""
    missing: int
    tried: int
    limit: float
    """The share beyond which nothing that rests on it counts as held."""
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


class UsableAnswers:
    """What of a history counts for nothing. Of copies that a fault made, and of other accounts, nothing is expected."""

    def __init__(self, history: History) -> None:
        self.blind = history.merchant_is_blind
        # A run has hundreds of thousands of exchanges, so they are counted without a loop of Python's.
        self._counts = Counter(map(_COUNTED, chain.from_iterable(order.exchanges for order in history.orders)))
        unaccepted: list[OrderHistory] = []
        submitted = 0
        for order in history.orders:
            if order.submits and not order.key_probes:  # a key of an unusual form is meant to be refused
                submitted += 1
                if not order.answers.acks and not order.answers.states and _unknown(order):
                    unaccepted.append(order)
        self.shortfalls: list[Shortfall] = []
        self.silent_ledger = _silent_ledger(history)
        """What is said of a ledger that shows nothing; empty if it shows something, or was not read."""
        self._add_unanswered(history)
        self._add(history, "answers to queries could not be used", (_QUERY,), (_UNREADABLE, _REJECTED))
        self._add(history, "answers to submits could not be read", tuple(SUBMITS), (_UNREADABLE,))
        if unaccepted:
            why = _commonest(x for order in unaccepted for x in order.submits)
            what = "orders were never accepted"
            self.shortfalls.append(Shortfall(what, len(unaccepted), submitted, UNACCEPTED_LIMIT, why))

    def _add_unanswered(self, history: History) -> None:
        kinds = (_QUERY, *SUBMITS)
        if not any(self._counts[0, kind, None] for kind in kinds):
            return
        excused = FaultSilence(history)
        exchanges = (x for order in history.orders for x in order.exchanges)
        silent = [x for x in exchanges if x.observation is None and not x.copy and x.kind in kinds and not excused(x)]
        for what, own in (("queries got no answer", (_QUERY,)), ("submits got no answer", tuple(SUBMITS))):
            missing = [x for x in silent if x.kind in own]
            if missing:
                tried = sum(self._counts[0, kind, seen] for kind in own for seen in (None, *Observation))
                shortfall = Shortfall(what, len(missing), tried, UNUSABLE_LIMIT, _commonest(missing), _QUERY in own)
                self.shortfalls.append(shortfall)

    def _add(
        self, history: History, what: str, kinds: Sequence[OperationKind], unusable: Sequence[Observation]
    ) -> None:
        missing = sum(self._counts[0, kind, observation] for kind in kinds for observation in unusable)
        if not missing:
            return
        answered = sum(self._counts[0, kind, seen] for kind in kinds for seen in Observation)
        exchanges = (x for order in history.orders for x in order.exchanges if not x.copy)
        why = _commonest(x for x in exchanges if x.kind in kinds and x.observation in unusable)
        self.shortfalls.append(Shortfall(what, missing, answered, UNUSABLE_LIMIT, why, _QUERY in kinds))

    def doubt(self, *, reads_queries: bool, reads_ledger: bool = False) -> str:
        """Return why nothing counts as held; empty if there is no such reason. ``reads_queries`` and ``reads_ledger``:
        whether it rests on answers to queries, and on the ledger.
        """
        if self.blind:
            return "the merchant could read none of the answers that it got"
        if reads_ledger and self.silent_ledger:
            return self.silent_ledger
        for shortfall in self.shortfalls:
            if shortfall.too_much and (reads_queries or not shortfall.of_queries):
                return f"{shortfall.text()}; above {shortfall.limit:.0%} nothing counts as held"
        return ""


class FaultSilence:
    """Tells of an exchange without an answer whether a fault of the run may have made its silence."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._fired_on = {f.op for f in history.faults if f.change == "fired" and f.op}
        self._spans: list[tuple[int, int | None]] = []
        """When a fault elsewhere than at the edge was in force, its schedule's pauses included: what it struck may
        still be recovering then. ``None``: to the end.
        """
        armed: dict[str, int] = {}
        for f in history.faults:
            if f.seam != "edge" and f.change == "armed":
                armed.setdefault(f.fault, f.at_ns)
            elif f.change == "healed" and f.fault in armed:
                self._spans.append((armed.pop(f.fault), f.at_ns))
        self._spans += [(at_ns, None) for at_ns in armed.values()]

    def __call__(self, x: Exchange) -> bool:
        if x.op in self._fired_on:
            return True
        end_ns = self._history.given_up_ns(x)
        return any(
            (until_ns is None or x.begin_ns <= until_ns) and (end_ns is None or end_ns >= from_ns)
            for from_ns, until_ns in self._spans
        )


def _silent_ledger(history: History) -> str:
    """Return that no movement of any order was seen, although at least ``SILENT_LEDGER_ORDERS`` are on their way."""
    if not history.ledger_was_read:
        return ""
    taken = 0
    for order in history.orders:
        if order.movements:
            return ""
        if order.ledger_read_ns is not None and order.answers.acks and not order.answers.no_money:
            taken += 1
    if taken < SILENT_LEDGER_ORDERS:
        return ""
    return f"the ledger was read and shows no movement of any of the {taken:,} orders that were accepted"


def _unknown(order: OrderHistory) -> bool:
    """Whether no answer to a submit says that the provider has the order."""
    return not any(knows(x.kind, x.observation) for x in order.submits)


def _commonest(exchanges: Iterable[Exchange]) -> str:
    most = Counter(x.detail or "no reason was given" for x in exchanges).most_common(1)
    return most[0][0] if most else ""
