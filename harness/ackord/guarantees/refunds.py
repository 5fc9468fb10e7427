"""Groups an order's refunds by their numbers, and selects their movements in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.event import Movement
from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.payment_state import NO_MONEY, PaymentState
from ..core.promises import Promises
from .money import may_have_paid, no_ledger, posted_of_owner

__all__ = ["RefundRequests", "matched_refunds", "no_refunds", "refund_requests", "refunds_posted", "unpaid_refunds"]


@dataclass(frozen=True, slots=True)
class RefundRequests:
    """All requests for one refund of an order."""

    number: str
    sent: Sequence[Exchange]

    @property
    def amounts(self) -> set[int]:
        """What was asked for, in minor units; more than one amount only if the number was used again."""
        return {x.sent_amount_minor for x in self.sent if x.sent_amount_minor}

    @property
    def possible(self) -> bool:
        """Whether some request may have moved money."""
        return any(map(may_have_paid, self.sent))

    @property
    def acknowledged(self) -> Exchange | None:
        """The first answer that accepts the refund and does not say that it failed."""
        accepted = [x for x in self.sent if x.observation is Observation.ACK and not x.copy and x.state not in NO_MONEY]
        return min(accepted, key=lambda x: x.complete_ns or 0, default=None)

    @property
    def ended_ns(self) -> int | None:
        """When the last request was answered; ``None`` if one was not."""
        ends = [x.complete_ns for x in self.sent if x.complete_ns is not None]
        return max(ends) if len(ends) == len(self.sent) else None


def refund_requests(order: OrderHistory) -> list[RefundRequests]:
    """Return the owner's refunds; a request without a number is one of its own."""
    groups: dict[str, list[Exchange]] = {}
    for x in order.refunds:
        groups.setdefault(x.refund_no or f" {x.op}.{x.copy}", []).append(x)
    return [RefundRequests(number.strip() if sent[0].refund_no else "", sent) for number, sent in groups.items()]


def refunds_posted(order: OrderHistory, promises: Promises) -> list[Movement]:
    """Return the owner's refunds in the last reading of the ledger, each once."""
    return posted_of_owner(order, promises.refund_kind)


def no_refunds(promises: Promises) -> str:
    """Return why a guarantee about refunds does not apply to a contract; empty when it does."""
    if not promises.refunds:
        return "the contract has no refund"
    if why := no_ledger(promises):
        return why
    if not promises.refund_kind:
        return "the ledger has no kind of movement that shows refunds"
    if promises.refund_kind == "return" and any(e.target is PaymentState.RETURNED for e in promises.later_edges):
        return "the ledger shows refunds as returns, which also come by themselves"
    return ""


def matched_refunds(refunds: Sequence[RefundRequests], posted: Sequence[Movement]) -> dict[int, int]:
    """Return which movement (its index) can be which refund's (its index): as many as possible, each once, and the
    first refunds before later ones.
    """
    owner: dict[int, int] = {}
    for refund in range(len(refunds)):
        _place(refund, refunds, posted, owner, set())
    return owner


def _place(
    refund: int, refunds: Sequence[RefundRequests], posted: Sequence[Movement], owner: dict[int, int], tried: set[int]
) -> bool:
    """Give a refund a movement, and the one that had it another (an augmenting path of a bipartite matching)."""
    for at, movement in enumerate(posted):
        if at in tried or not _fits(refunds[refund], movement):
            continue
        tried.add(at)
        if at not in owner or _place(owner[at], refunds, posted, owner, tried):
            owner[at] = refund
            return True
    return False


def _fits(refund: RefundRequests, movement: Movement) -> bool:
    if movement.refund_no and refund.number and movement.refund_no != refund.number:
        return False
    return not refund.amounts or movement.amount_minor in refund.amounts


def unpaid_refunds(order: OrderHistory, promises: Promises) -> list[RefundRequests]:
    """Return the acknowledged refunds that have no movement in the last reading of the ledger."""
    accepted = [(x.complete_ns or 0, r) for r in refund_requests(order) if (x := r.acknowledged) is not None]
    refunds = [refund for _, refund in sorted(accepted, key=lambda each: each[0])]
    found = set(matched_refunds(refunds, refunds_posted(order, promises)).values())
    return [refund for at, refund in enumerate(refunds) if at not in found]
