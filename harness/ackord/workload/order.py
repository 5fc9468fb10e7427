"""Play an order: keep its payment, what was sent and what was learnt, and make the operations that others perform."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from ..client.operation_request import OperationRequest
from ..contract.base.variables import as_uuid
from ..contract.codec.codec import Interpretation, Payment, Refund
from ..contract.spec.order_numbers import OrderNumberFormat
from ..core.amount_range import AmountRange
from ..core.operation import SUBMITS, Observation, OperationKind, acknowledges, knows
from ..core.payment_state import TERMINAL, PaymentState
from ..core.sandbox_trigger import TRIGGER, TriggerPromise
from ..core.seed import Seed
from .order_allowance import OrderAllowance, OrderLimitReached

__all__ = ["NodePolicy", "OrderFactory", "WorkloadOrder"]

_LARGEST_ORDINAL = 9_999_999
"""Order numbers leave room for so many orders of one run, and for their refunds."""
_FIRST_REFUND, _REFUNDS = 5_000_000, 8
"""The first number of a refund, and how many an order may have."""

_ANY_AMOUNT = AmountRange()
_AMOUNTS = AmountRange(100, 5000)
_TELLING_TOKEN, _TELLING_PREFIX = 5, 12
"""How long a run's token, or a number's beginning, must be to tell that a number comes from this run."""

NodePolicy = str
"""Which node an operation goes to.

``single``: the gateway's default; ``split``: first submits to A, everything else to B; ``rotate``: A and B in turn.
"""


def _node(policy: NodePolicy, nodes: tuple[str, ...], first: bool, count: int) -> str:
    if policy == "single" or len(nodes) < 2:
        return ""
    if policy == "split":
        return nodes[0] if first else nodes[1]
    return nodes[count % len(nodes)]


@dataclass
class WorkloadOrder:
    """One order number in play."""

    payment: Payment
    ordinal: int
    other_account: str = ""
    policy: NodePolicy = "single"
    nodes: tuple[str, ...] = ()
    salt: str = ""
    amounts: AmountRange = _ANY_AMOUNT
    writes: int = 0
    reads: int = 0
    cancels: int = 0
    refund_number: Callable[[int], str] = lambda nth: ""
    """Numbers of the order's refunds, from 0."""
    refunds: list[Refund] = field(default_factory=list)
    """What was asked to be given back, each once."""
    refunds_parts: bool = True
    """Whether a part of the order can be given back."""
    refund_requests: int = 0
    acknowledged: bool = False
    state: PaymentState = PaymentState.UNKNOWN
    missing: bool = False
    """The last query was told that there is no such order."""
    known: bool = False
    """The provider said that it has the order: it acknowledged it, or called it DUPLICATE or IN_PROGRESS."""
    undecided: bool = False
    """The last write was answered by a transient error or IN_PROGRESS, or not at all; or it was refused after such an
    answer, which may be for that answer's sake alone.
    """
    put_off: bool = False
    """The last write is undecided although it was answered."""
    erred: bool = False
    """Some write was answered by a transient error or IN_PROGRESS."""
    variation: str = ""
    """How each of its submits differs from the usual one."""
    stays_open: bool = False
    """The sandbox was asked to leave it open, so nobody waits for its end."""
    in_doubt: bool = False
    """A write of another client reached the provider, and no answer told what became of it: it may still land."""

    @property
    def token(self) -> str:
        """What a held request waits for: this order's first submit.

        The gateway outlives a run, so the run's salt is part of it.
        """
        return f"{self.salt}s{self.ordinal}"

    @property
    def terminal(self) -> bool:
        return self.state in TERMINAL

    def submit(self, *, hold: str = "", inject: str = "", variation: str = "") -> OperationRequest:
        """The first request, or, once there was one, a resubmission of the same payload; ``variation``: how its bytes
        or its key differ from the usual ones.
        """
        first = self.writes == 0
        self.writes += 1
        kind = OperationKind.SUBMIT if first else OperationKind.RESUBMIT
        node = _node(self.policy, self.nodes, first, self.writes)
        token = self.token if first else f"{self.token}.{self.writes}"
        variation = variation or self.variation
        return OperationRequest(
            kind, self.payment, self.ordinal, self.writes, node, hold, token, inject, variation=variation
        )

    def unkeyed(self, variation: str, *, by_minor: int = 0) -> OperationRequest:
        """A submit without a key, which is an order of its own and none of this number's."""
        node = _node(self.policy, self.nodes, True, 1)
        amount_minor = self.payment.amount_minor
        payment = self.payment._replace(
            amount_minor=self.amounts.other(amount_minor, by_minor) if by_minor else amount_minor
        )
        return OperationRequest(
            OperationKind.SUBMIT, payment, self.ordinal, 1 + by_minor, node, token=f"{self.token}.k{by_minor}",
            variation=variation,
        )  # fmt: skip

    def altered(self, *, by_minor: int = 1, hold: str = "") -> OperationRequest:
        """The same number with another amount, which lies within the limits."""
        self.writes += 1
        payment = self.payment._replace(amount_minor=self.amounts.other(self.payment.amount_minor, by_minor))
        node = _node(self.policy, self.nodes, False, self.writes)
        token = f"{self.token}.{self.writes}"
        return OperationRequest(OperationKind.RESUBMIT, payment, self.ordinal, self.writes, node, hold, token)

    def cancel(self, *, hold: str = "", inject: str = "") -> OperationRequest:
        self.cancels += 1
        node = _node(self.policy, self.nodes, False, self.cancels)
        token = f"{self.token}c{self.cancels}"
        return OperationRequest(
            OperationKind.CANCEL, self.payment, self.ordinal, self.cancels, node, hold, token, inject
        )

    def may_refund(self, more: int = 1) -> bool:
        """Whether the order may have so many more refunds."""
        return len(self.refunds) + more <= _REFUNDS

    def refund(self, amount_minor: int, *, hold: str = "", inject: str = "") -> OperationRequest:
        """Another refund of the order, under a new number. Raises ``ValueError`` beyond ``_REFUNDS`` of them."""
        if not self.may_refund():
            raise ValueError(f"an order of a workload has at most {_REFUNDS} refunds")
        self.refunds.append(Refund(self.refund_number(len(self.refunds)), amount_minor))
        return self.refund_again(hold=hold, inject=inject)

    def refund_again(self, *, hold: str = "", inject: str = "") -> OperationRequest:
        """The last refund once more, under its number."""
        self.refund_requests += 1
        node = _node(self.policy, self.nodes, False, self.refund_requests)
        token = f"{self.token}r{self.refund_requests}"
        return OperationRequest(
            OperationKind.REFUND, self.payment, self.ordinal, self.refund_requests, node, hold, token, inject,
            self.refunds[-1],
        )  # fmt: skip

    def part(self, share: float) -> int:
        """Return an amount of the range, at most this share of the order's; the whole where it cannot be divided."""
        wanted = int(self.payment.amount_minor * share) // self.amounts.step * self.amounts.step
        return wanted if wanted in self.amounts and self.refunds_parts else self.payment.amount_minor

    @property
    def more_than_all(self) -> int | None:
        """The next amount above the order's; ``None`` if the range ends there, or only whole orders are given back."""
        more_minor = self.payment.amount_minor + self.amounts.step
        return more_minor if more_minor in self.amounts and self.refunds_parts else None

    def as_other_account(self) -> WorkloadOrder:
        """The same number in the hands of another merchant."""
        amount_minor = self.amounts.other(self.payment.amount_minor, 7)
        payment = self.payment._replace(account=self.other_account, amount_minor=amount_minor)
        return WorkloadOrder(
            payment, self.ordinal, "", self.policy, self.nodes, self.salt, self.amounts, self.writes, self.reads
        )

    def query(self, *, hold: str = "") -> OperationRequest:
        self.reads += 1
        node = _node(self.policy, self.nodes, False, self.reads)
        return OperationRequest(
            OperationKind.QUERY,
            self.payment,
            self.ordinal,
            self.reads,
            node,
            hold,
            f"{self.salt}q{self.ordinal}.{self.reads}",
        )

    def learn(self, call: OperationRequest, reading: Interpretation | None) -> None:
        """Remember what the merchant knows now. It steers waiting and settling only, never what is judged."""
        if call.payment != self.payment or call.kind is OperationKind.REFUND:
            return
        if call.kind in SUBMITS:
            self._learn_of_write(call.kind, None if reading is None else reading.observation)
        elif call.kind is OperationKind.QUERY and reading is not None:
            self.missing = reading.observation is Observation.NOT_FOUND
        if reading is not None and reading.state not in (PaymentState.UNKNOWN, PaymentState.NOT_FOUND):
            self.state = reading.state

    def _learn_of_write(self, kind: OperationKind, answer: Observation | None) -> None:
        self.acknowledged = self.acknowledged or acknowledges(kind, answer)
        self.known = self.known or knows(kind, answer)
        erred = answer in (Observation.RETRYABLE, Observation.IN_PROGRESS)
        refused = answer in (Observation.REJECTED, Observation.CONFLICT)
        self.put_off = erred or (refused and self.erred and not self.acknowledged)
        self.undecided = self.put_off or answer in (None, Observation.UNREADABLE)
        self.erred = self.erred or erred


class OrderFactory:
    """Deals out orders with numbers that the contract allows, and that no other run of this provider used.

    ``run_token`` keeps runs apart. For a provider that is started fresh it is derived from the seed, so that a seed
    means the same numbers, and with them the same keyed decisions inside the provider; for one that lives on it has to
    come from the clock.
    """

    def __init__(
        self,
        seed: Seed,
        run_token: str,
        *,
        form: OrderNumberFormat,
        account: str,
        other_account: str = "",
        currencies: tuple[str, ...] = ("EUR",),
        amounts: AmountRange = _AMOUNTS,
        allowance: OrderAllowance | None = None,
        other_payload_pays: bool = False,
        policy: NodePolicy = "single",
        nodes: tuple[str, ...] = (),
        salt: str = "",
        created_s: int = 0,
        refunds_parts: bool = True,
    ) -> None:
        """Deal out nothing yet.

        ``allowance``: how many orders there may be; ``None``: any number. ``other_payload_pays``: whether the same
        number with another amount is another order. ``created_s``: when the run's orders were made, in seconds since
        1970. ``refunds_parts``: whether a part of an order can be given back.
        """
        self._seed = seed
        self._form = form
        letters = "".join(dict.fromkeys(form.alphabet))
        self._digits = "0123456789" if set("0123456789") <= set(letters) else letters
        self._min_length = max(0, form.length[0] - len(form.prefix))
        self._max_length = form.length[1] - len(form.prefix)
        self._created_s = created_s
        self._account = account
        self._other_account = other_account
        self._currencies = currencies
        self.amounts = amounts
        self.allowance = allowance or OrderAllowance(_LARGEST_ORDINAL)
        self._other_payload_pays = other_payload_pays
        self._refunds_parts = refunds_parts
        self._counted: set[tuple[str, str, int]] = set()
        self._policy = policy
        self._nodes = nodes
        self._salt = salt
        room = len(self._written(_LARGEST_ORDINAL))
        own = "".join(c for c in run_token if c in form.alphabet)[: max(0, self._max_length - room)]
        self._own = run_token if form.uuid else own
        self._token = self._own.strip("-").casefold()
        self._numbers: dict[str, Payment] = {}
        self._folded: list[str] = []
        """The numbers without regard to case, sorted, made when they are first needed."""
        self.dealt = 0

    def owns(self, order_no: str) -> bool:
        """Whether a number is one of this run's."""
        return order_no in self._numbers

    def adopt(self, payment: Payment) -> WorkloadOrder:
        """Return an order that another client submitted, so that the run settles it and reads its movements.

        It may be asked for; nothing is undecided about it, so nobody submits it once more.
        """
        self._numbers[payment.order_no] = payment
        return WorkloadOrder(payment, 0, self._other_account, self._policy, self._nodes, self._salt, writes=1)

    def resembles(self, order_no: str) -> bool:
        """Whether a number that this run did not deal is made of one that it did: in other letters, cut off, or
        lengthened. What tells is the run's token, or a long beginning.
        """
        if order_no in self._numbers:
            return False
        if len(self._folded) != len(self._numbers):
            self._folded = sorted(number.casefold() for number in self._numbers)
        folded = order_no.strip().casefold()
        if len(self._token) >= _TELLING_TOKEN and self._token in folded:
            return True
        at = bisect_left(self._folded, folded)
        after = self._folded[at] if at < len(self._folded) else ""
        return bool(folded) and (after == folded or (len(folded) >= _TELLING_PREFIX and after.startswith(folded)))

    @property
    def payments(self) -> list[Payment]:
        """Return the payments that were dealt, in order."""
        return list(self._numbers.values())

    def number(self, ordinal: int) -> str:
        """Return an ordinal's order number: prefix, zeros (or the alphabet's first letter) for the length, ordinal."""
        if self._form.uuid:
            return as_uuid(f"{self._own}{ordinal}")
        width = max(6, self._min_length - len(self._own))
        number = (self._own + self._written(ordinal).rjust(width, self._digits[0]))[-self._max_length :]
        return self._form.prefix + number

    def _written(self, ordinal: int) -> str:
        """The ordinal in digits that the alphabet has."""
        text = ""
        while ordinal or not text:
            ordinal, digit = divmod(ordinal, len(self._digits))
            text = self._digits[digit] + text
        return text

    def create_order(self, *, amount_minor: int | None = None, payee: str | None = None) -> WorkloadOrder:
        """Deal out the next order. Raises ``OrderLimitReached`` beyond the contract's limits."""
        ordinal = self.dealt + 1
        if amount_minor is None:
            amount_minor = self.amounts.at(self._seed.pick(self.amounts.count, "amount", ordinal))
        order_no = self.number(ordinal)
        payee = payee or f"payee-{ordinal % 97}"
        currency = self._currencies[ordinal % len(self._currencies)]
        payment = Payment(order_no, self._account, amount_minor, currency, payee, self._created_s)
        if not self._admits(payment):
            raise OrderLimitReached(f"all {self.allowance.most} orders that limits.orders allows are used up")
        self.dealt = ordinal
        self._numbers[order_no] = payment
        return WorkloadOrder(
            payment, ordinal, self._other_account, self._policy, self._nodes, self._salt, self.amounts,
            refund_number=lambda nth: self.number(_FIRST_REFUND + ordinal * _REFUNDS + nth),
            refunds_parts=self._refunds_parts,
        )  # fmt: skip

    def relative(self, order: WorkloadOrder, order_no: str, *, by_minor: int) -> WorkloadOrder | None:
        """Deal out an order whose number is made of another one's, with another amount, and the same ordinal.

        ``None``: a character of it may not stand in a number, or the limits allow no more orders.
        """
        if not (self._form.uuid or set(order_no) <= set(self._form.alphabet + self._form.prefix)):
            return None
        amount_minor = self.amounts.other(order.payment.amount_minor, by_minor)
        payment = order.payment._replace(order_no=order_no, amount_minor=amount_minor)
        if order_no in self._numbers or not self._admits(payment):
            return None
        self._numbers[order_no] = payment
        salt = f"{self._salt}r{by_minor}."
        return WorkloadOrder(payment, order.ordinal, "", self._policy, self._nodes, salt, self.amounts)

    def may_pull(self, trigger: TriggerPromise) -> bool:
        """Whether the limits allow an order that pulls the trigger."""
        return trigger.amount_minor is None or trigger.amount_minor in self.amounts

    def pull(self, order: WorkloadOrder, trigger: TriggerPromise) -> None:
        """Let an order that was not sent yet pull a trigger, by its amount, its payee or its headers."""
        payment = order.payment
        order.payment = payment._replace(
            amount_minor=trigger.amount_minor or payment.amount_minor, payee=trigger.payee or payment.payee
        )
        order.variation, order.stays_open = f"{TRIGGER}{trigger.name}", trigger.stays_open
        self._numbers[payment.order_no] = order.payment

    def admits(self, call: OperationRequest) -> bool:
        """Return whether the limits allow an operation. The first submit of another order counts as one.

        Raises ``OrderLimitReached`` for an amount outside the limits.
        """
        if call.refund is not None and call.refund.amount_minor not in self.amounts:
            refused_minor = call.refund.amount_minor
            raise OrderLimitReached(f"limits allow amounts of {self.amounts}, and a refund is of {refused_minor}")
        return call.kind not in SUBMITS or self._admits(call.payment)

    def _admits(self, payment: Payment) -> bool:
        if payment.amount_minor not in self.amounts:
            raise OrderLimitReached(f"limits allow amounts of {self.amounts}, and this one is {payment.amount_minor}")
        key = (payment.account, payment.order_no, payment.amount_minor if self._other_payload_pays else 0)
        if key not in self._counted:
            if not self.allowance.take():
                return False
            self._counted.add(key)
        return True
