"""Defines the history of one order: all that was asked, answered, moved and called back about one number.

A history is selected by the order *number* alone, not by (account, number), because the answers that other accounts got
about this number are judged too.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from .event import CallbackReceived, ClockAdvance, LedgerRead, Movement
from .exchange import Exchange
from .key_expiry import paid_before, until_expiry
from .key_promises import KeyVariation, is_key_variation
from .operation import OperationKind
from .statement_events import StatedLine
from .statement_readings import StatementReadings
from .status_index import StatusIndex

__all__ = ["UNNAMED", "OrderHistory", "order_history"]

UNNAMED = "(none)"
"""Stands for the number of what names no order."""
_begin_of = attrgetter("begin_ns")
_SUBMITS = (OperationKind.SUBMIT, OperationKind.RESUBMIT)
_UNREAD = StatementReadings()


class OrderHistory:
    """All events about one order number. Lists are sorted by ``begin_ns``."""

    __slots__ = (
        "account", "answers", "callbacks", "exchanges", "expired", "fingerprint", "foreign", "key_probes",
        "ledger_began_ns", "ledger_read_ns", "lines", "movements", "number", "statements", "submits",
    )  # fmt: skip

    def __init__(
        self,
        number: str,
        exchanges: list[Exchange],
        movements: list[Movement],
        ledger_read: LedgerRead | None,
        callbacks: Sequence[CallbackReceived] = (),
        key_probes: Sequence[Exchange] = (),
        expired: Sequence[Exchange] = (),
        lines: Sequence[StatedLine] = (),
        statements: StatementReadings = _UNREAD,
    ) -> None:
        exchanges.sort(key=_begin_of)
        self.number = number
        self.ledger_read_ns = None if ledger_read is None else ledger_read.at_ns
        """When the ledger was read to its end; ``None``: it was not, so a missing movement proves nothing."""
        self.ledger_began_ns = None if ledger_read is None else ledger_read.began_ns
        """When that reading began: a movement that is missing in it had not been posted by then; ``None``: unknown."""
        first = next((x for x in exchanges if x.kind in _SUBMITS), None) or (exchanges[0] if exchanges else None)
        self.account = account = first.account if first else ""
        """The account that submitted the number first (or queried it, if nobody submitted it)."""
        self.fingerprint = first.fingerprint if first and first.kind in _SUBMITS else ""
        """The payload of the first submit."""
        foreign: list[Exchange] = []
        if len({x.account for x in exchanges}) > 1:
            foreign = [x for x in exchanges if x.account != account]
            exchanges = [x for x in exchanges if x.account == account]
        self.exchanges = exchanges
        """The owner's exchanges."""
        self.foreign = foreign
        """Other accounts' exchanges about this number."""
        self.answers = StatusIndex(exchanges, self.fingerprint)
        """Index of the states in the owner's answers."""
        self.submits = self.answers.submits
        """The owner's submits and resubmits, copies that the gateway made included."""
        self.movements = movements
        """Of any account; ``Movement.account`` tells."""
        self.callbacks = callbacks
        """The provider's callbacks about this number, to any account, in order of arrival."""
        self.expired = expired
        """Exchanges after the sandbox's clock was moved on so far that the number may be another order's."""
        self.key_probes = key_probes
        """Submits whose key has an unusual form. Those without a key are here alone."""
        self.lines = lines
        """Its lines in the statements that were read, reading by reading."""
        self.statements = statements
        """All readings of statements in the run."""

    @property
    def attempts(self) -> list[Exchange]:
        """Return the owner's submits and resubmits whose answers count; see ``StatusIndex``."""
        return self.answers.attempts

    @property
    def queries(self) -> list[Exchange]:
        """The owner's queries, answered or not."""
        return [x for x in self.exchanges if x.kind is OperationKind.QUERY]

    @property
    def cancels(self) -> list[Exchange]:
        """The owner's attempts to cancel the order."""
        return [x for x in self.exchanges if x.kind is OperationKind.CANCEL]

    @property
    def refunds(self) -> list[Exchange]:
        """The owner's requests to give money back, copies that the gateway made included."""
        return [x for x in self.exchanges if x.kind is OperationKind.REFUND]

    @property
    def acks(self) -> list[Exchange]:
        """Return the acknowledgements of the original payload, sorted by ``complete_ns``."""
        return self.answers.acks

    @property
    def acknowledged_ns(self) -> int | None:
        """Return the instant of the first acknowledgement."""
        return self.answers.acked_ns

    @property
    def known(self) -> Exchange | None:
        """Return the first answer that is the provider's word that it has the order."""
        return self.answers.known

    @property
    def known_ns(self) -> int | None:
        """Return the instant of ``known``: at the latest the first acknowledgement."""
        return self.answers.known_ns

    @property
    def payouts(self) -> list[Movement]:
        """Return the owner's payouts, each once, however often the ledger was read.

        Movements of a ledger that names no account count as the owner's, because they would otherwise be ignored
        silently.
        """
        movements = self.movements
        if not movements:
            return []
        if len(movements) == 1:
            only = movements[0]
            return movements if only[5] == "payout" and only[1] in (self.account, "") else []
        own = (m for m in self.movements if m.kind == "payout" and m.account in (self.account, ""))
        return list({m.movement_id: m for m in own}.values())

    @property
    def posted(self) -> list[Movement]:
        """Return the movements, of any account and kind, in the last reading of the ledger. A ledger that lists
        transfers by status drops one that failed, so an earlier reading does not count.
        """
        began_ns = self.ledger_began_ns
        if not self.movements or began_ns is None:
            return self.movements
        return [m for m in self.movements if m.at_ns >= began_ns]


def order_history(
    number: str,
    exchanges: list[Exchange],
    moved: list[Movement],
    ledger_read: LedgerRead | None,
    callbacks: Sequence[CallbackReceived],
    advances: Sequence[ClockAdvance],
    retention_ns: int | None,
    *,
    varied: bool,
    lines: Sequence[StatedLine] = (),
    statements: StatementReadings = _UNREAD,
) -> OrderHistory:
    """Return the history of an order from its exchanges, in the sequence in which they were recorded.

    ``varied``: whether some of them have a variation; ``retention_ns``: for how long the contract promises to remember
    a number.
    """
    probes: list[Exchange] = []
    if varied:
        probes = [x for x in exchanges if x.variation and is_key_variation(x.variation)]
        if apart := [x for x in probes if not KeyVariation(x.variation).has_number]:
            exchanges = [x for x in exchanges if x not in apart]
            moved = []  # several orders, none of which has the number for its key
    exchanges, expired = until_expiry(exchanges, advances, retention_ns)
    return OrderHistory(
        number, exchanges, paid_before(moved, exchanges, expired), ledger_read, callbacks, probes, expired, lines,
        statements,
    )  # fmt: skip
