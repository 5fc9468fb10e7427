"""Simulates the reference provider's API in memory and in virtual time, without PostgreSQL and without sockets.

Bytes in, bytes out: it gets the requests of ``contracts/reference.yaml`` and answers them after a service time. It has
a primary, a standby that applies the primary's writes late (or not at all while the link is cut), and a bank that is
slow, sometimes does not answer, and alone moves money. ``SimulatedProvider`` is the correct one.
``ackord.simulation.simulated_flaws`` overrides its seams, which have the names used in
``ackord.providers.service.payment_service``:

- ``turned_away``       the answer before any lookup (busy)
- ``accept``            when duplicates are looked up and when the order is stored
- ``known``             where duplicates are looked up
- ``replayed``, ``conflicting``   the answer to a resubmission
- ``find``, ``missing`` where a query reads, and the answer if nothing is found
- ``advance``           how a status is written
- ``unknown_outcome``   what a time-out towards the bank means
- ``taken_back``, ``refund``, ``give_back``   cancels and refunds
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from ..contract.codec.codec import HttpRequest, HttpResponse
from ..core.clock import MS, VirtualClock
from ..core.seed import Seed
from .simulated_answers import SimulatedRefund, order_body, problem_body, read_refund, read_submission, refund_body
from .simulated_standby import Key, SimulatedMovement, SimulatedStandby, SimulatedSubmission, StoredOrder
from .simulated_statements import SimulatedStatements

__all__ = [
    "ACCOUNTS",
    "OPEN",
    "WRITE_NS",
    "Respond",
    "SimulatedMovement",
    "SimulatedProvider",
]

ACCOUNTS = {"Bearer sk_main": "main", "Bearer sk_other": "other"}
"""Credential to account."""

READ_NS = 200_000
"""Service time of a query."""
WRITE_NS = MS
"""Service time of a submit: until the commit, which is also the instant of the answer."""
START_NS = MS
"""From the commit until the order is given to the bank."""
PATIENCE_NS = 30 * MS
"""How long the provider waits for the bank."""
LATE_NS = 70 * MS
"""When a bank that did not answer in time pays all the same, counted from the instruction."""
INQUIRY_NS = 100 * MS
"""When the provider asks the bank what became of an instruction that timed out."""
RETURN_NS = 25 * MS
"""Time from a payment until the beneficiary's bank returns it.

The payment's confirmation is sent again after the same time once more.
"""
REFUND_NS = 8 * MS
"""From the acknowledgement of a refund until its money moves."""
Respond = Callable[[HttpResponse], None]


OPEN = ("ACCEPTED", "PROCESSING")
"""Statuses that are not terminal."""
_BEFORE = {
    "PROCESSING": ("ACCEPTED",),
    "PAID": OPEN,
    "DECLINED": OPEN,
    "FAILED": OPEN,
    "CANCELLED": ("ACCEPTED",),
    "RETURNED": (*OPEN, "PAID"),
}
"""What a status may follow."""


class SimulatedProvider:
    """The correct provider.

    What the bank does with an order depends only on the seed and the amount, as with the magic amounts of sandboxes.
    """

    statements_of: ClassVar[type[SimulatedStatements]] = SimulatedStatements

    NOT_FOUND = problem_body(404, "ORDER_NOT_FOUND")
    CONFLICT = problem_body(409, "ORDER_CONFLICT")
    BUSY = problem_body(503, "BUSY")
    TOO_LATE = problem_body(409, "TOO_LATE_TO_CANCEL")
    NOT_REFUNDABLE = problem_body(400, "NOT_REFUNDABLE")

    def __init__(self, clock: VirtualClock, seed: Seed) -> None:
        self.clock = clock
        self.seed = seed
        self.payouts: dict[str, StoredOrder] = {}
        """The primary: by provider id."""
        self.numbers: dict[Key, str] = {}
        """The primary's index: the provider id that an order number leads to."""
        self.standby = SimulatedStandby(clock)
        self.ledger: list[SimulatedMovement] = []
        self.was_busy: set[Key] = set()
        self.refunds: dict[Key, SimulatedRefund] = {}
        """By account and refund number."""
        self.statements = self.statements_of(self)

    # Requests.

    def receive(self, request: HttpRequest, respond: Respond) -> None:
        """Take a request; ``respond`` is called once, later in virtual time, with the answer."""
        account = ACCOUNTS.get(dict(request.headers).get("authorization", ""))
        order_no, _, action = request.target.removeprefix("/v1/orders/").partition("/")
        if account is None:
            self._answer(READ_NS, respond, problem_body(401, "UNAUTHORIZED"))
        elif request.method == "GET" and request.target.startswith("/v1/statement"):
            whose = account
            self.clock.call_later(READ_NS, lambda: respond(self.statements.answer(whose, request.target)))
        elif request.method == "GET" and order_no != request.target:
            owner = account
            self.clock.call_later(READ_NS, lambda: respond(self.query(self.key(owner, order_no))))
        elif request.method == "POST" and request.target == "/v1/orders":
            submission = read_submission(request.body)
            if submission is None:
                self._answer(READ_NS, respond, problem_body(422, "INVALID_REQUEST"))
            else:
                self.accept(account, submission, respond)
        elif request.method == "POST" and action in ("cancel", "refunds"):
            self._take_back(action, self.key(account, order_no), request.body, respond)
        else:
            self._answer(READ_NS, respond, problem_body(404, "NOT_FOUND"))

    def _take_back(self, action: str, key: Key, body: bytes, respond: Respond) -> None:
        if action == "cancel":
            self.clock.call_later(READ_NS, lambda: respond(self.cancel(key)))
            return
        wanted = read_refund(body, self.numbers.get(key, ""))
        if wanted is None:
            self._answer(READ_NS, respond, problem_body(422, "INVALID_REQUEST"))
        else:
            self.refund(key, wanted, respond)

    def _answer(self, delay_ns: int, respond: Respond, answer: HttpResponse) -> None:
        self.clock.call_later(delay_ns, lambda: respond(answer))

    def query(self, key: Key) -> HttpResponse:
        found = self.find(key)
        return self.missing(key) if found is None else order_body(found, 200)

    def submit(self, account: str, submission: SimulatedSubmission, found: StoredOrder | None) -> HttpResponse:
        """One transaction, in one instant; ``found`` is what the look for duplicates showed."""
        key = self.key(account, submission.order_no)
        refused = self.turned_away(key, submission)
        if refused is not None:
            return refused
        if found is None:
            return order_body(self.store(key, account, submission), 202)
        return self.replayed(found) if found.submission == submission else self.conflicting(found, submission)

    def store(self, key: Key, account: str, submission: SimulatedSubmission) -> StoredOrder:
        """Store an order and replicate it. If the number is taken (only with a flaw), the first order stays visible."""
        payout = StoredOrder(f"po_{len(self.payouts) + 1:06d}", key, account, submission, "ACCEPTED")
        self.payouts[payout.provider_id] = payout
        self.numbers.setdefault(key, payout.provider_id)
        self._replicate(payout)
        self.clock.call_later(START_NS, lambda: self.execute(payout))
        return payout

    def primary(self, key: Key) -> StoredOrder | None:
        provider_id = self.numbers.get(key)
        return None if provider_id is None else self.payouts[provider_id]

    def write(self, provider_id: str, status: str) -> None:
        payout = StoredOrder(*self.payouts[provider_id][:-1], status)
        self.payouts[provider_id] = payout
        self._replicate(payout)

    def _replicate(self, payout: StoredOrder) -> None:
        if self.numbers[payout.key] == payout.provider_id:
            self.standby.write(payout.key, payout)

    def cancel(self, key: Key) -> HttpResponse:
        found = self.primary(key)
        if found is None:
            return problem_body(404, "NOTHING_TO_CANCEL")
        return order_body(found._replace(status="CANCELLED"), 200) if self.taken_back(found) else self.TOO_LATE

    def book_refund(self, key: Key, wanted: SimulatedRefund) -> HttpResponse:
        """Store a refund and have the bank make it."""
        account, _ = key
        self.refunds.setdefault((account, wanted.refund_no), wanted)
        self.clock.call_later(REFUND_NS, lambda: self.give_back(wanted))
        return refund_body(wanted, self.payouts[wanted.provider_id], 202)

    def left(self, provider_id: str) -> int:
        """How much of an order can be given back."""
        payout = self.payouts.get(provider_id)
        if payout is None or payout.status != "PAID":
            return 0
        return payout.submission.amount - sum(r.amount for r in self.refunds.values() if r.provider_id == provider_id)

    # The seams.

    def taken_back(self, payout: StoredOrder) -> bool:
        """Cancel an order; return whether it is cancelled now."""
        self.advance(payout.provider_id, "CANCELLED")
        return self.payouts[payout.provider_id].status == "CANCELLED"

    def refund(self, key: Key, wanted: SimulatedRefund, respond: Respond) -> None:
        """Look up, compare and store in one instant, atomically."""
        self.clock.call_later(WRITE_NS, lambda: respond(self.refunded(key, wanted)))

    def refunded(self, key: Key, wanted: SimulatedRefund) -> HttpResponse:
        """One transaction, in one instant."""
        if not wanted.provider_id:
            return self.NOT_FOUND
        account, _ = key
        known = self.refunds.get((account, wanted.refund_no))
        if known is not None:
            return refund_body(known, self.payouts[known.provider_id], 200) if known == wanted else self.CONFLICT
        return self.book_refund(key, wanted) if wanted.amount <= self.left(wanted.provider_id) else self.NOT_REFUNDABLE

    def give_back(self, refund: SimulatedRefund) -> None:
        """Have the bank make a refund."""
        payout = self.payouts[refund.provider_id]
        order_no, _, currency, _ = payout.submission
        self.book(SimulatedMovement("", payout.account, order_no, refund.amount, "refund", currency, refund.refund_no))

    def key(self, account: str, order_no: str) -> Key:
        return account, order_no

    def turned_away(self, key: Key, submission: SimulatedSubmission) -> HttpResponse | None:
        """A transient refusal of an order's first delivery, for some amounts; nothing is stored."""
        if key in self.was_busy or key in self.numbers or self.seed.bits("busy", submission.amount) % 16:
            return None
        self.was_busy.add(key)
        return self.BUSY

    def accept(self, account: str, submission: SimulatedSubmission, respond: Respond) -> None:
        """Look up and store in one instant, atomically."""
        key = self.key(account, submission.order_no)
        self.clock.call_later(WRITE_NS, lambda: respond(self.submit(account, submission, self.known(key))))

    def known(self, key: Key) -> StoredOrder | None:
        return self.primary(key)

    def replayed(self, payout: StoredOrder) -> HttpResponse:
        return order_body(payout, 200, True)

    def conflicting(self, payout: StoredOrder, submission: SimulatedSubmission) -> HttpResponse:
        return self.CONFLICT

    def find(self, key: Key) -> StoredOrder | None:
        return self.primary(key)

    def missing(self, key: Key) -> HttpResponse:
        return self.NOT_FOUND

    def advance(self, provider_id: str, status: str) -> None:
        """Write a status if it may follow the present one."""
        if self.payouts[provider_id].status in _BEFORE[status]:
            self.write(provider_id, status)

    def unknown_outcome(self, payout: StoredOrder) -> None:
        """Keep the order open: a missing answer of the bank is not a failure, and an inquiry follows."""

    # The bank.

    def execute(self, payout: StoredOrder) -> None:
        """Give the order to the bank.

        Of 16 orders 9 are paid, 2 are returned, 2 are declined, and 3 time out, one of them without being executed.
        """
        provider_id = payout.provider_id
        later = self.clock.call_later
        bits = self.seed.bits("bank", payout.submission.amount)
        fate, latency_ns = bits % 16, 4 * MS + (bits >> 8) % (20 * MS)
        self.advance(provider_id, "PROCESSING")
        if self.payouts[provider_id].status == "CANCELLED":
            return
        if fate < 11:
            later(latency_ns, lambda: self.pay(payout))
            if fate < 2:
                later(latency_ns + RETURN_NS, lambda: self.send_back(payout))
                later(latency_ns + 2 * RETURN_NS, lambda: self.advance(provider_id, "PAID"))
        elif fate < 13:
            later(latency_ns, lambda: self.advance(provider_id, "DECLINED"))
        else:
            later(PATIENCE_NS, lambda: self.unknown_outcome(payout))
            if fate < 15:
                later(LATE_NS, lambda: self.move(payout, "payout"))
                later(INQUIRY_NS, lambda: self.advance(provider_id, "PAID"))
            else:
                later(INQUIRY_NS + latency_ns, lambda: self.pay(payout))

    def pay(self, payout: StoredOrder) -> None:
        self.move(payout, "payout")
        self.advance(payout.provider_id, "PAID")

    def send_back(self, payout: StoredOrder) -> None:
        self.move(payout, "return")
        self.advance(payout.provider_id, "RETURNED")

    def move(self, payout: StoredOrder, kind: str) -> None:
        """Book a movement."""
        order_no, amount, currency, _ = payout.submission
        self.book(SimulatedMovement("", payout.account, order_no, amount, kind, currency))

    def book(self, movement: SimulatedMovement) -> None:
        """Enter a movement into the ledger under the next identifier."""
        booked = movement._replace(movement_id=f"m{len(self.ledger) + 1}", at_ns=self.clock.now_ns())
        self.ledger.append(booked)
        self.standby.book(booked)
