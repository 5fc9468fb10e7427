"""Play an order: keep its payment, what was sent and what was learnt, and make the operations that others perform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..client.operation_request import OperationRequest
from ..contract.codec.codec import Interpretation, Payment, Refund
from ..core.amount_range import AmountRange
from ..core.operation import SUBMITS, Observation, OperationKind, acknowledges, knows
from ..core.payment_state import TERMINAL, PaymentState
from ..errors import UsageError

__all__ = ["MOST_REFUNDS", "NodePolicy", "WorkloadOrder", "check_order"]

MOST_REFUNDS = 8
"""How many refunds an order may have."""

_ANY_AMOUNT = AmountRange()

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
        return len(self.refunds) + more <= MOST_REFUNDS

    def refund(self, amount_minor: int, *, hold: str = "", inject: str = "") -> OperationRequest:
        """Another refund of the order, under a new number. Raises ``ValueError`` beyond ``MOST_REFUNDS`` of them."""
        if not self.may_refund():
            raise ValueError(f"an order of a workload has at most {MOST_REFUNDS} refunds")
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


def check_order(order: object) -> None:
    """Raise ``UsageError`` for what is no order that a merchant of ours submitted, such as an order's number."""
    if not isinstance(order, WorkloadOrder):
        raise UsageError(
            f"{order!r} is no order of this merchant.\n"
            "  expected: what merchant.submit() returned\n"
            "  mend: keep that; for a number of your own send the request with your own client to provider.edge_url"
        )
