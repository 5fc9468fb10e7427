"""Groups an order's refunds by their numbers, and selects their movements in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.event import Movement
from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.payment_state import NO_MONEY, PaymentState
from ..core.promises import Promises
from .money import may_have_paid, no_ledger

__all__ = ["RefundRequests", "no_refunds", "refund_requests", "refunds_posted", "unpaid_refunds"]


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
    mine = (order.account, "")
    found = (m for m in order.posted if m.kind == promises.refund_kind and m.account in mine)
    return list({m.movement_id: m for m in found}.values())


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


def unpaid_refunds(order: OrderHistory, promises: Promises) -> list[RefundRequests]:
    """Return the acknowledged refunds that have no movement in the last reading of the ledger."""
    posted = refunds_posted(order, promises)
    numbers = {m.refund_no for m in posted}
    unnumbered = Counter(m.amount_minor for m in posted if not m.refund_no)
    missing = []
    for refund in refund_requests(order):
        if refund.acknowledged is None or (refund.number and refund.number in numbers):
            continue
        amount = next((a for a in refund.amounts if unnumbered[a]), None)
        if amount is None:
            missing.append(refund)
        else:
            unnumbered[amount] -= 1
    return missing
