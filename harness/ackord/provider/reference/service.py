"""What a payment provider does, without HTTP: takes orders, sees them through, answers about them.

``Service`` is the correct provider (it reads from the primary). Each variant, flawed or correct, subclasses it and overrides one of its seams:

- ``submit_seen``   what happens before anything is looked up (busy, cached answers)
- ``place``         finding duplicates and storing the order; returns once it may be acknowledged
- ``replayed``, ``conflicting``   what a resubmission is answered
- ``find``          where a query reads
- ``missing``       what a query that finds nothing is answered
- ``advance``       how a status is written
- ``unknown_outcome``   what a time-out towards the channel means
- ``notified``      what a notification of the channel sets off
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any, ClassVar, NamedTuple

from ...core.clock import Clock
from ...core.seed import Seed
from .channel import Channel, Outcome, Tasks
from .store import UNREACHABLE, Order, Store

__all__ = ["Answer", "Node", "Service", "Submission", "ended", "problem", "shown"]

RECONCILE_MS = 100.0
"""Pause between two inquiries about an unknown outcome."""
TAKE_UP_MS = 200.0
"""Pause between two looks for orders that an earlier life of this node left unfinished."""


class Answer(NamedTuple):
    status: int
    body: bytes
    replayed: bool = False
    """Whether it carries ``Idempotent-Replayed: true``."""


class Submission(NamedTuple):
    """A payout order as the merchant sends it."""

    order_no: str
    amount: int
    currency: str
    payee: str


class Node(NamedTuple):
    """Who and where a service is."""

    name: str
    boot: int
    """0 for the first start; each restart counts one up, so that ids are never given twice."""
    seed: Seed
    clock: Clock
    store: Store
    channel: Channel


_UNENDED = frozenset({"ACCEPTED", "PROCESSING"})


def ended(order: Order) -> bool:
    """Whether its status is terminal."""
    return order.status not in _UNENDED


def problem(status: int, code: str, message: str, **more: Any) -> Answer:
    return Answer(status, json.dumps({"code": code, "message": message, **more}, separators=(",", ":")).encode())


def shown(order: Order) -> bytes:
    """An order as merchants see it."""
    return json.dumps(
        {
            "provider_id": order.provider_id,
            "order_no": order.order_no,
            "status": order.status,
            "amount": order.amount,
            "currency": order.currency,
            "payee": order.payee,
        },
        separators=(",", ":"),
    ).encode()


def same_payload(order: Order, submission: Submission) -> bool:
    return order[2:6] == submission


class Service:
    """The correct provider; one object a node."""

    unique_orders: ClassVar[bool] = True
    """Whether the database itself refuses a second row for an account's order number."""
    order_commit: ClassVar[str] = ""
    """``synchronous_commit`` of what is acknowledged to merchants; empty: like every other write's."""
    extra_tables: ClassVar[str] = ""
    """SQL of what this variant needs besides the common tables."""

    BUSY: ClassVar[Answer] = problem(503, "BUSY", "Too busy at the moment; the same request may be sent again.")
    UNAVAILABLE: ClassVar[Answer] = problem(
        503, "UNAVAILABLE", "Out of order at the moment; the same request may be sent again."
    )
    NOT_FOUND: ClassVar[Answer] = problem(404, "ORDER_NOT_FOUND", "There is no such order.")
    CONFLICT: ClassVar[Answer] = problem(
        409, "ORDER_CONFLICT", "This order number was used for an order with another content."
    )

    def __init__(self, node: Node) -> None:
        self.node = node
        self.store = node.store
        self.channel = node.channel
        self.tasks = Tasks()
        self._ids = 0
        self._begun: set[str] = set()
        """Provider ids whose execution this life need not take up, because it runs or was seen through."""
        self._running: set[str] = set()
        self.was_busy: set[tuple[str, str]] = set()
        self._taking_up = False
        self.channel.notify = self.notified

    async def start(self) -> None:
        """Take up what a crash of this node left unfinished."""
        if self.node.boot > 0:
            self.tasks.start(self._take_up())

    async def moved(self) -> int:
        """The database is another one now: enter what it lost of the bank's book, and take up what was cut off or forgotten. How many movements were lost."""
        self._begun &= self._running
        lost = await self.channel.book_again()
        self.tasks.start(self._take_up())
        return lost

    async def _take_up(self) -> None:
        """Again and again, because a write that was cut off may still be waiting for its commit (``remote_apply`` under a cut link)."""
        for order in await self.store.of_node(self.node.name, ("PAID",)):
            if self.channel.returns(order):
                self.tasks.start(self.bring_back(order))
        if self._taking_up:
            return
        self._taking_up = True
        while True:
            with contextlib.suppress(*UNREACHABLE):
                for order in await self.store.of_node(self.node.name, ("ACCEPTED", "PROCESSING")):
                    if order.provider_id not in self._begun:
                        self._begin(order)
            await asyncio.sleep(TAKE_UP_MS / 1000)

    # What merchants ask.

    async def submit(self, account: str, submission: Submission) -> Answer:
        refused = self.submit_seen(account, submission)
        if refused is not None:
            return refused
        order, created = await self.place(account, submission)
        if created:
            self._begin(order)
            return Answer(202, shown(order))
        if not same_payload(order, submission):
            return await self.conflicting(order, submission)
        return await self.replayed(order)

    async def query(self, account: str, order_no: str) -> Answer:
        order = await self.find(account, order_no)
        return self.missing(account, order_no) if order is None else Answer(200, shown(order))

    # The seams.

    def submit_seen(self, account: str, submission: Submission) -> Answer | None:
        """A transient refusal before anything is stored: of an order's first delivery to this node, if the lever says so."""
        if self.channel.busy(submission.order_no, account):
            key = (account, submission.order_no)
            if key not in self.was_busy:
                self.was_busy.add(key)
                self.channel.counters["busy"] += 1
                return self.BUSY
        return None

    async def place(self, account: str, submission: Submission) -> tuple[Order, bool]:
        """Store the order unless it is there; return the order that stands and whether it is new. Committed on return."""
        return await self.store.place(self.new_order(account, submission))

    async def replayed(self, order: Order) -> Answer:
        return Answer(200, shown(order), replayed=True)

    async def conflicting(self, order: Order, submission: Submission) -> Answer:
        return self.CONFLICT

    async def find(self, account: str, order_no: str) -> Order | None:
        return await self.store.find(self.store.primary, account, order_no)

    def missing(self, account: str, order_no: str) -> Answer:
        return self.NOT_FOUND

    async def advance(self, order: Order, status: str) -> None:
        await self.store.advance(order.provider_id, status)

    async def unknown_outcome(self, order: Order) -> Outcome:
        """The channel timed out: ask it until it knows; what it never got is sent again under the same provider id."""
        attempt = 1
        while True:
            outcome = await self.channel.late_answer(order, RECONCILE_MS)
            if outcome is Outcome.UNKNOWN:
                outcome = await self.channel.inquire(order)
            if outcome is Outcome.NOT_EXECUTED:
                attempt += 1
                outcome = await self.instruct(order, attempt)
            if outcome is not Outcome.UNKNOWN:
                return outcome

    async def notified(self, order: Order) -> None:
        """The channel says, once more or for the first time, that this was paid. A status that may not go to PAID stays what it is."""
        await self.advance(order, "PAID")

    # Seeing an order through.

    def _begin(self, order: Order) -> None:
        self._begun.add(order.provider_id)
        self._running.add(order.provider_id)
        self.tasks.start(self._see_through(order))

    async def _see_through(self, order: Order) -> None:
        try:
            await self.execute(order)
        except UNREACHABLE:
            self._begun.discard(order.provider_id)  # to be taken up again
            raise
        finally:
            self._running.discard(order.provider_id)

    async def execute(self, order: Order) -> None:
        await self.advance(order, "PROCESSING")
        outcome = await self.instruct(order)
        if outcome is Outcome.UNKNOWN:
            outcome = await self.unknown_outcome(order)
        await self.conclude(order, outcome)

    async def instruct(self, order: Order, attempt: int = 1) -> Outcome:
        """Give it to the bank, again and again while the bank refuses: what was refused is certainly not executed."""
        while (outcome := await self.channel.pay(order, attempt)) is Outcome.NOT_EXECUTED:  # noqa: ASYNC110
            await asyncio.sleep(RECONCILE_MS / 1000)
        return outcome

    async def conclude(self, order: Order, outcome: Outcome) -> None:
        if outcome is Outcome.DECLINED:
            await self.advance(order, "DECLINED")
        elif outcome is Outcome.PAID:
            await self.advance(order, "PAID")
            if self.channel.returns(order):
                await self.bring_back(order)

    async def bring_back(self, order: Order) -> None:
        await self.channel.send_back(order)
        await self.advance(order, "RETURNED")

    def new_order(self, account: str, submission: Submission) -> Order:
        return Order(self.new_id(account, submission.order_no), account, *submission, "ACCEPTED", self.node.name)

    def new_id(self, account: str, order_no: str) -> str:
        """A provider id that no node has given before, in this life or an earlier one."""
        self._ids += 1
        node = self.node
        return f"po_{node.seed.bits('provider-id', account, order_no, node.name, node.boot, self._ids):016x}"
