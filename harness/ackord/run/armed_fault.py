"""Say what an armed fault can hit, and whether it did.

A fault of the edge decides by a hash of seed, order, operation and attempt, so what it will do to the next orders is
known before they are submitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..chaos.faults import EdgeFault, Fault
from ..chaos.faults.edge import edge_fault, edge_faults
from ..chaos.gateway.identity import RequestIdentity
from ..chaos.gateway.rules import RuleSet
from ..core.event import Begin, Event, FaultChange
from ..core.operation import OperationKind, Vantage
from ..errors import UsageError

__all__ = ["ArmedFault", "check_injectable", "fired", "what_it_can_hit", "why_not_fired"]

_ORDERS_AHEAD = 10
_FIRST = (OperationKind.SUBMIT, OperationKind.QUERY, OperationKind.RESUBMIT)


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """A fault that was armed. Its text says what it can hit."""

    fault: str
    since_ns: int
    can_hit: str
    """What it can hit, in words."""
    hits: tuple[str, ...] | None
    """What it hits of the next ten orders, such as ``submit of order 3``; ``None``: more than those decides."""

    def __str__(self) -> str:
        return f"{self.fault}: {self.can_hit}"


def what_it_can_hit(fault: Fault, *, seed: int, next_order: int, since_ns: int) -> ArmedFault:
    """Describe a fault that was just armed. ``next_order``: the ordinal of the next order."""
    if not isinstance(fault, EdgeFault):
        says = (type(fault).__doc__ or "").strip().splitlines()[0]
        return ArmedFault(fault.fault, since_ns, f"everything, at the seam {fault.seam}: {says}", None)
    match = fault.match
    kinds = match.operation or (["query"] if fault.queries_only else ["submit", "resubmit", "query"])
    parts = [
        f"each {' or '.join(kinds)}" if fault.hit_share == 1 else f"{fault.hit_share:.0%} of each {' or '.join(kinds)}"
    ]
    if match.attempt:
        parts.append(f"of attempt {' or '.join(map(str, match.attempt))}")
    if match.order:
        parts.append(f"of order {' or '.join(map(str, match.order))}")
    if match.node:
        parts.append(f"at node {' or '.join(match.node)}")
    if match.header or match.body:
        parts.append("whose header or body is as its match says")
    text = " ".join(parts)
    if fault.quota:
        text += f", at most {fault.quota} times"
    if fault.after_ms or fault.for_ms or fault.every_ms or fault.ramp_ms:
        text += ", by its schedule"
    hits = None if match.header or match.body else _ahead(fault, seed, next_order)
    if hits is not None:
        ahead = f"orders {next_order} to {next_order + _ORDERS_AHEAD - 1}"
        told = ", ".join(hits[:6]) + (", ..." if len(hits) > 6 else "")
        text += f"; of {ahead} with this seed: {told or 'nothing'}"
    if match.operation or match.attempt or match.order:
        text += "; no call of your own client, which names no operation (ackord-key)"
    return ArmedFault(fault.fault, since_ns, text, hits)


def _ahead(fault: EdgeFault, seed: int, next_order: int) -> tuple[str, ...]:
    """Return what the seed makes it hit in the life of the next orders: a submit, a query, a resubmission."""
    rule = {k: v for k, v in fault.to_rule().items() if k != "schedule"}
    rule["limits"] = {k: v for k, v in rule.get("limits", {}).items() if k != "quota"}
    rules = RuleSet(seed, [rule])
    found = []
    for ordinal in range(next_order, next_order + _ORDERS_AHEAD):
        for kind in _FIRST:
            attempt = 2 if kind is OperationKind.RESUBMIT else 1
            who = RequestIdentity(1, f"{kind}/{ordinal}/{attempt}", str(kind), ordinal, attempt, "", "", None)
            if rules.plan(who, next(iter(fault.match.node), "")) is not None:
                found.append(f"{kind} of order {ordinal}")
    return tuple(found)


def check_injectable(name: str, kind: OperationKind) -> None:
    """Check a fault that is to be put on one call. Raises ``UnknownNameError`` or ``UsageError``."""
    if not name:
        return
    fault = edge_fault(name, {})
    if fault.queries_only and kind is not OperationKind.QUERY:
        raise UsageError(f"inject={name!r}: this fault hits queries alone.\n  mend: query(order, inject={name!r})")


def fired(events: Sequence[Event], fault: str, since_ns: int = 0) -> list[FaultChange]:
    """Return the proofs that a fault had an effect since then."""
    return [
        e
        for e in events
        if isinstance(e, FaultChange)
        and e.fault == fault
        and e.change in ("fired", "effective")
        and e.at_ns >= since_ns
    ]


def why_not_fired(events: Sequence[Event], armed: ArmedFault | None, fault: str) -> str:
    """Say that a fault had no effect, what it could have hit, and what was called meanwhile."""
    one_call = f'merchant.submit(inject="{fault}")' if fault in edge_faults() else ""
    if armed is None:
        or_on_one = f", or {one_call}" if one_call else ""
        return f'{fault} had no effect: it was never armed.\n  mend: chaos.arm("{fault}"){or_on_one}'
    calls = [
        f"{e.kind} of {e.order} (attempt {e.attempt})"
        for e in events
        if isinstance(e, Begin) and e.vantage is Vantage.MERCHANT and e.at_ns >= armed.since_ns
    ]
    told = ", ".join(calls[:5]) + (f" and {len(calls) - 5} more" if len(calls) > 5 else "")
    return (
        f"{fault} was armed and had no effect.\n  it can hit: {armed.can_hit}\n  calls since then: {told or 'none'}\n"
        f"  mend: make a call that it hits{f', or put it on one: {one_call}' if one_call else ''}"
    )
