"""Reads the movements of money at the end of a run, whole or order by order, until they hold what they must by then."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..client.movement_source import MovementSource
from ..client.transport import NoResponse
from ..contract.codec.codec import Payment
from ..core.clock import MS, SECOND, Clock
from ..core.event import LedgerRead, UnknownMovements
from ..guarantees.acknowledged_refund_paid import refund_due_ns
from ..guarantees.base import JudgeContext
from ..guarantees.money import payouts_posted
from ..guarantees.succeeded_order_paid import posting_due_ns
from ..record.recorder import Recorder
from ..workload.order_factory import OrderFactory

__all__ = ["LedgerReading"]

MOST_ORDERS = 1000
"""Orders of which a ledger by order is read; each takes a request at least."""
_AGAIN_NS = 250 * MS
_PATIENCE_NS = 2 * SECOND
"""How long a missing payout is waited for where the contract promises no time; it is judged by no more."""


@dataclass(frozen=True, slots=True)
class LedgerReading:
    """One run's reading of the ledger."""

    source: MovementSource
    recorder: Recorder
    book: OrderFactory
    clock: Clock
    stranger: Callable[[str], bool]
    """Whether a number that this run did not deal can only have been made up by the provider."""
    known: Callable[[str], bool] = lambda number: False
    """Whether a number is of another run of the session."""
    _unknown: Counter[str] = field(default_factory=Counter)
    """Rows that were left out in the last reading, by the order that was asked for; empty: of all."""

    async def read(self) -> None:
        """Record the movements of this run's orders, or why they cannot be read: money is then INCONCLUSIVE. How many
        rows were left out is recorded too, because nobody knows whose they are.

        While a payout is missing that the provider has more time to post, the ledger is read again.
        """
        await self._read()
        if rows := self._unknown.total():
            self.recorder.add(UnknownMovements(self.clock.now_ns(), rows))

    async def _read(self) -> None:
        payments: Sequence[Payment] = ()
        if self.source.by_order:
            payments = self._within_reason()
            for payment in payments:
                await self._once(payment)
        elif not await self._once():
            return
        while due := self._due():
            now_ns = self.clock.now_ns()
            last_ns = max(due.values())
            await asyncio.sleep(min(_AGAIN_NS, max(MS, last_ns + MS - now_ns)) / SECOND)
            for payment in [p for p in payments if p.order_no in due]:
                await self._once(payment)
            if not payments and not await self._once():
                return

    async def _once(self, payment: Payment | None = None) -> bool:
        """Return whether the ledger could be read."""
        try:
            await self.source.read(self._concerns(payment), payment)
        except NoResponse as why:
            order = "" if payment is None else payment.order_no
            self.recorder.add(LedgerRead(self.clock.now_ns(), 0, str(why), order=order))
            return False
        return True

    def _concerns(self, payment: Payment | None) -> Callable[[str], bool]:
        of = "" if payment is None else payment.order_no
        self._unknown[of] = 0

        def concerns(number: str) -> bool:
            if self.book.owns(number):
                return payment is None or number == of
            if self.book.resembles(number) or self.stranger(number):
                return True
            self._unknown[of] += not self.known(number)
            return False

        return concerns

    def _within_reason(self) -> Sequence[Payment]:
        payments = self.book.payments
        for payment in payments[MOST_ORDERS:]:
            why = f"a ledger by order is read for {MOST_ORDERS} orders of a run at most"
            self.recorder.add(LedgerRead(self.clock.now_ns(), 0, why, order=payment.order_no))
        return payments[:MOST_ORDERS]

    def _due(self) -> dict[str, int]:
        """Return until when the payouts and refunds that are missing may be posted, by order number, as far as the last
        reading began before that.
        """
        history = self.recorder.history()
        context = JudgeContext(history.header.promises, healed_ns=history.healed_ns())
        due = {}
        for order in history.orders:
            by_ns = posting_due_ns(order, context)
            if by_ns is not None and not payouts_posted(order):
                by_ns = max(by_ns, (order.answers.first_terminal_ns or 0) + _PATIENCE_NS)
            else:
                by_ns = refund_due_ns(order, context) if order.refunds else None
            if by_ns is not None and order.ledger_began_ns is not None and order.ledger_began_ns <= by_ns:
                due[order.number] = by_ns
        return due
