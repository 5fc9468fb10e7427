"""Read from a history what was done to one order, when, and what each request was held for.

The journal does not say why the gateway held a request, but both vantages tell: the merchant sent it before, and the
provider got it just after, the event that let it go. Where a fault hit the request, the fault explains the delay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..core.clock import MS
from ..core.event import Begin, Complete, FaultChange
from ..core.history import History
from ..core.operation import ORDER_OPERATIONS, SUBMITS, OperationKind, Vantage, acknowledges

__all__ = ["OrderOperation", "operations_of", "order_groups", "start_ns", "submit_waited_for"]

_TOGETHER_NS = 5 * MS
"""Requests that one barrier let go reach the provider within this time."""


@dataclass(slots=True)
class OrderOperation:
    """One operation of the merchant on the order. Instants are ``None`` where nothing was seen."""

    op: int
    kind: OperationKind
    account: str
    node: str
    amount_minor: int | None
    currency: str
    payee: str
    sent_ns: int
    reached_ns: int | None = None
    """When it was sent on to the provider."""
    answered_ns: int | None = None
    """When the provider's answer was complete."""
    ended_ns: int | None = None
    """When the merchant had the answer, or gave it up."""
    acknowledged: bool = False
    """Whether the provider acknowledged it."""
    variation: str = ""
    """How the request differs from the usual one, as in ``Begin``."""
    faults: list[FaultChange] = field(default_factory=list)
    """What fired on it, each fault once."""

    @property
    def writes(self) -> bool:
        return self.kind in SUBMITS


def operations_of(history: History, number: str) -> list[OrderOperation]:
    """Return the operations about an order number, of any account, as they were sent."""
    found: dict[int, OrderOperation] = {}
    begins = [
        e
        for e in history.events
        if isinstance(e, Begin) and e.order == number and e.copy == 0 and e.kind in ORDER_OPERATIONS
    ]
    begins.sort(key=lambda e: (e.vantage is not Vantage.MERCHANT, e.at_ns))
    for e in begins:
        known = found.get(e.op)
        if known is None:
            node = e.node if e.vantage is Vantage.MERCHANT else ""
            known = found[e.op] = OrderOperation(
                e.op, e.kind, e.account, node, e.amount_minor, e.currency, e.payee, e.at_ns, variation=e.variation
            )
        if e.vantage is Vantage.PROVIDER:
            known.reached_ns = e.at_ns
    for event in history.events:
        if isinstance(event, Complete) and event.copy == 0 and event.op in found:
            _end(found[event.op], event)
        elif isinstance(event, FaultChange) and event.change == "fired" and event.op in found:
            fired = found[event.op].faults
            if event.fault not in (f.fault for f in fired):
                fired.append(event)
    return sorted(found.values(), key=lambda operation: (operation.sent_ns, operation.op))


def _end(operation: OrderOperation, event: Complete) -> None:
    if event.vantage is Vantage.PROVIDER:
        operation.answered_ns = event.at_ns
        operation.acknowledged = acknowledges(operation.kind, event.observation)
        if operation.ended_ns is None:
            operation.ended_ns = event.at_ns
    else:
        operation.ended_ns = event.at_ns


def submit_waited_for(query: OrderOperation, operations: Iterable[OrderOperation]) -> OrderOperation | None:
    """Return the submit whose acknowledgement a query was held for; ``None``: it was not held."""
    if query.writes or query.reached_ns is None or query.faults:
        return None
    found = [
        o
        for o in operations
        if o.acknowledged
        and o.answered_ns is not None
        and o.account == query.account
        and query.sent_ns < o.answered_ns <= query.reached_ns
    ]
    return max(found, key=lambda o: o.answered_ns or 0, default=None)


def order_groups(operations: Iterable[OrderOperation]) -> list[list[OrderOperation]]:
    """Return the submits that were let go together, group by group: none reached the provider before all were sent."""
    groups: list[list[OrderOperation]] = []
    group: list[OrderOperation] = []
    for operation in (o for o in operations if o.writes and o.reached_ns is not None and not o.faults):
        if group and _joins(operation, group):
            group.append(operation)
        else:
            group = [operation]
            groups.append(group)
    return [group for group in groups if len(group) > 1]


def _joins(operation: OrderOperation, group: Sequence[OrderOperation]) -> bool:
    reached = [o.reached_ns or 0 for o in group]
    mine = operation.reached_ns or 0
    return operation.sent_ns <= min(reached) and abs(mine - reached[0]) <= _TOGETHER_NS and mine >= group[-1].sent_ns


def start_ns(operation: OrderOperation, operations: Iterable[OrderOperation]) -> int:
    """Return when an operation began as far as the provider is concerned.

    A request that another one overtook in the gateway begins after it: when that one had ended, if the provider had
    answered it by then, or else when it was let go.
    """
    reached = operation.reached_ns
    if reached is None or operation.faults:
        return operation.sent_ns
    passed = [
        o
        for o in operations
        if o is not operation and o.reached_ns is not None and operation.sent_ns < o.reached_ns < reached
    ]
    if not passed:
        return operation.sent_ns
    last = max(passed, key=lambda o: o.reached_ns or 0)
    if last.answered_ns is not None and last.answered_ns <= reached and last.ended_ns is not None:
        return max(reached, last.ended_ns)
    return reached
