"""Implement a payment provider without HTTP; it answers in ``ackord.contract.emulate.domain_responses``.

``PaymentService`` is the correct provider. Each variant, flawed or correct, overrides one of its seams:

- ``key_of``, ``submit_seen``   which key a number is; what happens before it is looked up (busy, cached answers)
- ``place``         finding duplicates and storing the order; returns once it may be acknowledged
- ``replayed``, ``conflicting``   what a resubmission is answered
- ``find``, ``missing``   where a query reads, and what one that finds nothing is answered
- ``advance``       how a status is written
- ``unknown_outcome``, ``notified``   what a time-out towards the channel means, and what its notification sets off
- ``taken_back``, ``refund_desk``   how an order is taken back, and how its money is given back
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import ClassVar

from ...contract.emulate.domain_responses import (
    OrderResponse,
    ProviderOrder,
    ProviderResponse,
    ReceivedOrder,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ...core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ...core.recent_dict import MOST_REMEMBERED, RecentDict
from .bank_channel import BackgroundTasks, BankOutcome
from .behavior import ProviderBehavior
from .money_reads import MoneyReads
from .node_identity import NodeIdentity
from .provider_store import KeyRule, ReadLane
from .refund_desk import RefundDesk
from .sandbox_state import SandboxState
from .sent_bytes import SentBytes
from .tables import refund_tables, schema

__all__ = ["PaymentService"]

RESUME_UNFINISHED_MS = 200.0
"""Pause between two looks for orders that an earlier life of this node left unfinished."""
QUEUE_MS = 6.0
"""How long an order waits at most before it is given to the bank: until then it can be cancelled."""


class PaymentService(MoneyReads):
    """Implement the correct provider; one object a node."""

    unique_orders: ClassVar[bool] = True
    unique_refunds: ClassVar[bool] = True
    """Whether the database itself refuses a second row for an account's order number, or for its refund number."""
    order_commit: ClassVar[str] = ""
    """``synchronous_commit`` of what is acknowledged to merchants; empty: like every other write's."""
    read_model: ClassVar[bool] = False
    """Whether it reads the copy of the orders that is fed on its own (``ReadLane.READ_MODEL``)."""
    refund_desk: ClassVar[type[RefundDesk]] = RefundDesk
    extra_tables: ClassVar[str] = ""
    """SQL of what this variant needs besides the common tables."""
    only_live: ClassVar[str] = ""
    """Why this variant is not simulated: what it is made of, or what brings it to light, is not there. Empty: it is."""
    MOST_REMEMBERED: ClassVar = MOST_REMEMBERED
    """Orders of which a node knows that they were begun, or refused once as busy."""

    BUSY: ClassVar = Refusal(RefusalKind.BUSY, "Too busy at the moment; the same request may be sent again.")
    UNAVAILABLE: ClassVar = Refusal(
        RefusalKind.UNAVAILABLE, "Out of order at the moment; the same request may be sent again."
    )
    NOT_FOUND: ClassVar = Refusal(RefusalKind.NOT_FOUND, "There is no such order.")
    CONFLICT: ClassVar = Refusal(RefusalKind.CONFLICT, "This order number was used for an order with another content.")
    NOTHING_TO_CANCEL: ClassVar = Refusal(RefusalKind.NOTHING_TO_CANCEL, "There is no such order to cancel.")

    def __init__(self, node: NodeIdentity) -> None:
        self.node = node
        self.store = node.store
        self.channel = node.channel
        self.behavior = node.behavior
        self.tasks = BackgroundTasks()
        self._ids = 0
        self._begun: RecentDict[str, None] = RecentDict(self.MOST_REMEMBERED)
        """Provider ids whose execution this life need not take up, because it was begun and not cut off."""
        self._running: set[str] = set()
        self.was_busy: RecentDict[tuple[str, str], None] = RecentDict(self.MOST_REMEMBERED)
        self._taking_up = False
        self.refunds = self.refund_desk(self)
        self.sandbox = SandboxState()
        self._bytes = SentBytes(remember=self.behavior.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT)
        self.channel.notify = self.notified
        self.announced: Callable[[ProviderOrder], None] | None = None
        """Called with the order after each write of a status; callbacks to merchants begin here."""

    @classmethod
    def tables(cls, behavior: ProviderBehavior) -> str:
        """Return the SQL of the tables that this variant needs, with this behavior."""
        unique_orders = cls.unique_orders and behavior.one_order_a_number
        orders = schema(unique_orders=unique_orders, scoped=behavior.scoped_by_account)
        return orders + refund_tables(unique_refunds=cls.unique_refunds) + cls.extra_tables

    async def start(self) -> None:
        """Resume what a crash of this node left unfinished."""
        if self.node.boot > 0:
            self.tasks.start(self._resume_unfinished())

    async def moved(self) -> int:
        """Continue on another database; return the number of the bank's movements that it had lost."""
        for provider_id in self._begun.keys() - self._running:
            del self._begun[provider_id]
        self.refunds.forget()
        lost = await self.channel.book_again()
        self.tasks.start(self._resume_unfinished())
        return lost

    async def _resume_unfinished(self) -> None:
        """Repeat, because a write that was cut off may still wait for its commit (``remote_apply``, a cut link)."""
        for order in await self.store.of_node(self.node.name, ("PAID",)):
            if self.comes_back(order):
                self.tasks.start(self.bring_back(order))
        if self._taking_up:
            return
        self._taking_up = True
        while True:
            with contextlib.suppress(*self.store.unreachable):
                for order in await self.store.of_node(self.node.name, ("ACCEPTED", "PROCESSING")):
                    if order.provider_id not in self._begun and order.provider_id not in self._running:
                        self._begin(order)
                await self.refunds.resume()
            await asyncio.sleep(RESUME_UNFINISHED_MS / 1000)

    # What merchants ask.

    async def submit(self, account: str, submission: ReceivedOrder, body: bytes = b"") -> ProviderResponse:
        """Take an order, or the same once more; ``body``: the bytes that it came in."""
        refused = self.submit_seen(account, submission)
        if refused is not None:
            return refused
        if self.behavior.bytes_count and self._bytes.differ(account, submission.order_no, body):
            return await self.taken_for_another(account, submission)
        order, created = await self.place(account, submission)
        if created:
            self._begin(order)
            return OrderResponse(order, ResponseReason.ACCEPTED)
        if order.submission != submission:
            return await self.conflicting(order, submission)
        return await self.replayed(order)

    async def query(self, account: str, order_no: str) -> ProviderResponse:
        order = await self.find(account, order_no)
        return self.missing(account, order_no) if order is None else OrderResponse(order, ResponseReason.SHOWN)

    async def query_by_id(self, account: str, provider_id: str) -> ProviderResponse:
        """Find an order by the provider's number; the result is that of a query by the merchant's number."""
        known = await self.identified(provider_id)
        if known is None:
            return self.NOT_FOUND
        order = await self.find(account, known.order_no)
        if order is not None and order.provider_id != provider_id:
            order = known if known.account == account else None  # the number leads to another order
        return self.missing(account, known.order_no) if order is None else OrderResponse(order, ResponseReason.SHOWN)

    async def cancel(self, account: str, order_no: str, provider_id: str = "") -> ProviderResponse:
        """Cancel an order that the bank was not given yet; ``provider_id`` names it where ``order_no`` is empty."""
        order = await self._addressed(account, order_no, provider_id)
        if order is None:
            return self.NOTHING_TO_CANCEL
        if await self.taken_back(order):
            return OrderResponse(order._replace(status="CANCELLED"), ResponseReason.CANCELLED)
        return Refusal(RefusalKind.TOO_LATE_TO_CANCEL, "This order was given to the bank already.")

    async def refund(
        self, account: str, refund_no: str, amount: int, order_no: str, provider_id: str = ""
    ) -> ProviderResponse:
        """Give money of a paid order back; an ``amount`` of 0 means all of it."""
        order = await self._addressed(account, order_no, provider_id)
        return self.NOT_FOUND if order is None else await self.refunds.refund(order, refund_no, amount)

    async def _addressed(self, account: str, order_no: str, provider_id: str) -> ProviderOrder | None:
        """Find the order that a write is about. The primary is asked, as for every write."""
        if order_no:
            return await self.store.find(ReadLane.PRIMARY, account, order_no)
        order = await self.identified(provider_id)
        return order if order is not None and order.account == account else None

    # The seams.

    async def taken_back(self, order: ProviderOrder) -> bool:
        """Cancel an order; return whether it is cancelled now, by this request or an earlier one."""
        return await self.advance(order, "CANCELLED") or await self._cancelled(order)

    def key_of(self, order_no: str) -> str:
        """Return the key of a number; numbers with one key are one order."""
        return order_no

    def submit_seen(self, account: str, submission: ReceivedOrder) -> Refusal | None:
        """Refuse an order's first delivery to this node before anything is stored, if the channel settings say so."""
        key = (account if self.behavior.scoped_by_account else "", submission.order_no)
        if key in self.was_busy:
            return self.BUSY if self.behavior.caches_transient_errors else None
        if not self.channel.busy(account, submission):
            return None
        self.was_busy[key] = None
        self.channel.counters["busy"] += 1
        return self.BUSY

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        """Store the order unless it exists, and commit; return the order that stands and whether it is new."""
        return await self.keep(self.new_order(account, submission))

    async def replayed(self, order: ProviderOrder) -> ProviderResponse:
        manner = self.behavior.on_same_payload
        if manner is SamePayloadAnswer.REPLAY_ORIGINAL:
            return OrderResponse(order._replace(status="ACCEPTED"), ResponseReason.ACCEPTED_AGAIN)
        if manner is SamePayloadAnswer.REJECT_WITH_POINTER:
            return Refusal(RefusalKind.DUPLICATE_POINTER, f"The number was used for order {order.provider_id}.", order)
        if manner is SamePayloadAnswer.REJECT_PLAIN:
            return Refusal(RefusalKind.DUPLICATE_PLAIN, "The order number is a duplicate.")
        return OrderResponse(order, ResponseReason.REPLAYED)

    async def conflicting(self, order: ProviderOrder, submission: ReceivedOrder) -> ProviderResponse:
        if self.behavior.on_other_payload is OtherPayloadAnswer.REPLAY_ORIGINAL:
            return OrderResponse(order._replace(status="ACCEPTED"), ResponseReason.ACCEPTED_AGAIN)
        return self.CONFLICT

    async def taken_for_another(self, account: str, submission: ReceivedOrder) -> ProviderResponse:
        """Answer a number that comes again in other bytes, where these count."""
        if self.behavior.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT:
            order = await self.store.append(self.new_order(account, submission))
            self._begin(order)
            return OrderResponse(order, ResponseReason.ACCEPTED)
        order, _ = await self.place(account, submission)
        return await self.conflicting(order, submission)

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        return await self.store.find(ReadLane.PRIMARY, account, order_no)

    async def identified(self, provider_id: str) -> ProviderOrder | None:
        """Return the order that a provider id was given to, as the primary has it."""
        return await self.store.identified(provider_id)

    def missing(self, account: str, order_no: str) -> ProviderResponse:
        return self.NOT_FOUND

    async def advance(self, order: ProviderOrder, status: str) -> bool:
        """Write a status if it may follow the present one; return whether it was written."""
        return await self.write(order, status)

    async def unknown_outcome(self, order: ProviderOrder) -> BankOutcome:
        """Ask the channel after a time-out until it knows; send what it never got again under the same id."""
        attempt = 1
        while True:
            outcome = await self.channel.late_answer(order, self.channel.reconcile_ms)
            if outcome is BankOutcome.UNKNOWN:
                outcome = await self.channel.inquire(order)
            if outcome is BankOutcome.NOT_EXECUTED:
                attempt += 1
                outcome = await self.instruct(order, attempt)
            if outcome is not BankOutcome.UNKNOWN:
                return outcome

    async def notified(self, order: ProviderOrder) -> None:
        """Take the channel's report that this was paid. A status that may not go to PAID stays what it is."""
        await self.advance(order, "PAID")

    # Seeing an order through.

    def _begin(self, order: ProviderOrder) -> None:
        self._begun[order.provider_id] = None
        self._running.add(order.provider_id)
        self.tasks.start(self._process_to_end(order))

    async def _process_to_end(self, order: ProviderOrder) -> None:
        try:
            await self.execute(order)
        except self.store.unreachable:
            self._begun.pop(order.provider_id, None)  # to be taken up again
            raise
        finally:
            self._running.discard(order.provider_id)

    async def execute(self, order: ProviderOrder) -> None:
        await self.channel.pause(
            QUEUE_MS * self.node.seed.unit("queue", order.account, self.channel.subject(order)) / 1000
        )
        if not await self.advance(order, "PROCESSING") and await self._cancelled(order):
            return
        outcome = await self.instruct(order)
        if outcome is BankOutcome.UNKNOWN:
            outcome = await self.unknown_outcome(order)
        await self.conclude(order, outcome)

    async def instruct(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        """Give an order to the bank until it is not refused: what was refused is certainly not executed."""
        while (outcome := await self.channel.pay(order, attempt)) is BankOutcome.NOT_EXECUTED:
            await self.channel.pause(self.channel.reconcile_ms / 1000)
        return outcome

    async def conclude(self, order: ProviderOrder, outcome: BankOutcome) -> None:
        if outcome is BankOutcome.DECLINED:
            await self.advance(order, "DECLINED")
        elif outcome is BankOutcome.PAID:
            await self.advance(order, "PAID")
            if self.comes_back(order):
                await self.bring_back(order)

    def comes_back(self, order: ProviderOrder) -> bool:
        return self.behavior.returns and self.channel.returns(order)

    async def bring_back(self, order: ProviderOrder) -> None:
        await self.channel.send_back(order)
        await self.advance(order, "RETURNED")

    # What the seams are made of.

    async def keep(self, order: ProviderOrder) -> tuple[ProviderOrder, bool]:
        """Store a new order unless another one stands for it; return the one that stands and whether it is new."""
        behavior = self.behavior
        if self.unique_orders and behavior.one_order_a_number:
            return await self.store.place(order)
        if behavior.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT:
            return await self.store.append(order), True
        return await self.store.claim(order, self.key_rule())

    def key_rule(self) -> KeyRule:
        payload_counts = self.behavior.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT
        return KeyRule(payload_counts, self.behavior.key_retention_ns, self.sandbox.ahead_s)

    async def write(self, order: ProviderOrder, status: str, before: Sequence[str] | None = None) -> bool:
        """Write a status that merchants see; ``before`` are the statuses that it may follow, if not the usual ones."""
        written = await self.store.advance(order.provider_id, status, before)
        if written and self.announced is not None:
            self.announced(order._replace(status=status))
        return written

    async def _cancelled(self, order: ProviderOrder) -> bool:
        standing = await self.store.identified(order.provider_id)
        return standing is not None and standing.status == "CANCELLED"

    def new_order(self, account: str, submission: ReceivedOrder) -> ProviderOrder:
        return ProviderOrder(
            self.new_id(account, submission.order_no), account, *submission, "ACCEPTED", self.node.name
        )

    def new_id(self, account: str, order_no: str) -> str:
        """Return a provider id that no node has given before, in this process or an earlier one."""
        self._ids += 1
        node = self.node
        return f"po_{node.seed.bits('provider-id', account, order_no, node.name, node.boot, self._ids):016x}"
