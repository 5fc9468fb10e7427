"""Names the cause among one order's findings, so that reports tell one fact under one headline.

A finding that only follows from another one stays a finding: its guarantee is broken, and its verdict does not change.
It carries the id of the guarantee that was broken first, and reports print it under that one. A cause is never weaker
than what follows from it, and never follows from anything itself.

Rules, the first that fits decides:

0. A key that was taken where it should be refused, or for another order's, is the cause of all else about its order.
1. Where another payload was accepted under the number, what the number's two payments did to statuses and movements
   follows from that.
2. Where a number moved money twice, or was acknowledged as two orders, the statuses of the two are read as one, and
   each guarantee that counts movements or identifiers finds the same fact. The ledger's is the cause, or else the first
   of the others.
3. Where an order that was cancelled was paid, its statuses tell the same fact.
4. "It runs again" after a resubmission is a stale read, if a status fell back and nothing else shows an execution.
5. Guarantees that blame the same answer, or the same movements, tell one fact. The first in ``ORDER`` is the cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.verdict import Finding, Result
from .base import payouts_of_original

__all__ = ["ORDER", "link_causes"]

ORDER = (
    "conflicting-resubmission-refused",
    "key-form-respected",
    "resubmission-moves-money-once",
    "concurrent-duplicates-collapse",
    "resubmission-after-terminal",
    "resubmission-same-order",
    "lost-ack-recoverable",
    "key-scope-respected",
    "payout-as-ordered",
    "cancelled-order-not-paid",
    "refused-order-not-paid",
    "unordered-number-not-paid",
    "succeeded-order-paid",
    "refund-moves-money-once",
    "refund-not-over-amount",
    "acknowledged-refund-paid",
    "order-shown-as-submitted",
    "provider-id-stable",
    "acknowledged-order-visible",
    "observed-order-stays-visible",
    "acknowledged-order-not-failed",
    "status-never-regresses",
    "terminal-status-final",
    "callback-agrees-with-query",
    "callback-genuine",
    "callback-delivered",
    "resubmission-called-back",
    "errors-not-replayed",
    "order-not-stuck",
    "landing-bounded",
    "faults-healed-orders-converge",
    "unknown-order-not-found",
    "trigger-leads-as-declared",
    "statement-complete",
    "statement-no-phantoms",
    "statement-amounts-match",
    "statement-pages-stable",
    "statement-cursor-refused",
    "statement-totals-match",
    "statement-immutable-after-cutoff",
)
"""Guarantees from cause to consequence. Those of other packages come last, in the order of their findings."""

ALTERED, KEY, TWICE, REGRESS, AGAIN = *ORDER[:3], "status-never-regresses", "resubmission-after-terminal"
CANCELLED = "cancelled-order-not-paid"
_EXECUTIONS = ORDER[2:7]
"""Guarantees that find a second execution by its movement or its identifier."""
_STATUSES = frozenset(
    {
        REGRESS,
        "acknowledged-order-not-failed",
        "terminal-status-final",
        "callback-agrees-with-query",
        "faults-healed-orders-converge",
    }
)
"""Guarantees that read the statuses of all orders under a number as those of one."""

_Named = Mapping[str, Finding]


def link_causes(order: OrderHistory, found: Sequence[Finding]) -> list[Finding]:
    """Return one order's findings, in the same sequence, with ``follows_from`` set where another one is the cause."""
    if len(found) < 2:
        return list(found)
    named = {f.guarantee: f for f in found}
    causes: dict[str, str] = {}
    for rule in (_key_form, _altered_payload, _two_executions, _cancelled_and_paid, _stale_read, _same_answer):
        for consequence, cause in rule(order, named).items():
            if consequence in causes or _root(cause, causes) == consequence:
                continue  # an earlier rule decided, and never in a circle
            if _may_follow(named[consequence], named[cause]):
                causes[consequence] = cause
    roots = {name: _root(name, causes) for name in named}
    return [f._replace(follows_from="" if roots[f.guarantee] == f.guarantee else roots[f.guarantee]) for f in found]


def _may_follow(consequence: Finding, cause: Finding) -> bool:
    return cause.result is Result.VIOLATED or consequence.result is not Result.VIOLATED


def _root(guarantee: str, causes: Mapping[str, str]) -> str:
    """Return the last cause of a chain; ``guarantee`` itself if it has none."""
    while guarantee in causes:
        guarantee = causes[guarantee]
    return guarantee


def _rank(guarantee: str) -> int:
    return ORDER.index(guarantee) if guarantee in ORDER else len(ORDER)


def _key_form(order: OrderHistory, named: _Named) -> dict[str, str]:
    """Where a key was taken that should have been refused, or for another order's, all that follows is of its doing."""
    return {name: KEY for name in named if name != KEY} if KEY in named else {}


def _altered_payload(order: OrderHistory, named: _Named) -> dict[str, str]:
    altered = named.get(ALTERED)
    blamed = _blamed(order, altered) if altered is not None else None
    if blamed is None or blamed.observation not in (Observation.ACK, Observation.STATUS):
        return {}
    same = len(payouts_of_original(order)) > 1
    return {
        name: ALTERED for name in named if name in _STATUSES or (name in _EXECUTIONS and not (same and name == TWICE))
    }


def _two_executions(order: OrderHistory, named: _Named) -> dict[str, str]:
    ids = {x.provider_id for x in order.acks if x.provider_id is not None}
    if len(order.payouts) < 2 and len(ids) < 2:
        return {}
    tellers = [name for name in _EXECUTIONS if name in named and _tells_execution(order, named[name])]
    if not tellers:
        return {}
    return dict.fromkeys([*tellers[1:], *(name for name in named if name in _STATUSES)], tellers[0])


def _cancelled_and_paid(order: OrderHistory, named: _Named) -> dict[str, str]:
    if CANCELLED not in named:
        return {}
    told = (*_EXECUTIONS[2:], *_STATUSES)
    return dict.fromkeys((name for name in told if name in named and not named[name].movements), CANCELLED)


def _tells_execution(order: OrderHistory, found: Finding) -> bool:
    """Return whether a finding is about a second movement or a second identifier."""
    if found.movements:
        return True
    blamed = _blamed(order, found)
    return blamed is not None and blamed.kind is not OperationKind.QUERY and blamed.provider_id is not None


def _stale_read(order: OrderHistory, named: _Named) -> dict[str, str]:
    again = named.get(AGAIN)
    blamed = _blamed(order, again) if again is not None and not again.movements else None
    if REGRESS in named and blamed is not None and blamed.kind is OperationKind.QUERY:
        return {AGAIN: REGRESS}
    return {}


def _same_answer(order: OrderHistory, named: _Named) -> dict[str, str]:
    first: dict[object, str] = {}
    causes = {}
    # Violated before unsafe, so that the weaker one never hides the stronger.
    for name in sorted(named, key=lambda name: (named[name].result is not Result.VIOLATED, _rank(name))):
        found = named[name]
        blamed = found.movements or found.evidence[-1:]
        if blamed:
            cause = first.setdefault(blamed, name)
            if cause != name:
                causes[name] = cause
    return causes


def _blamed(order: OrderHistory, found: Finding | None) -> Exchange | None:
    """Return the answer that a finding blames: the last of its evidence."""
    if found is None or not found.evidence:
        return None
    return next((x for x in order.exchanges if (x.op, x.copy) == found.evidence[-1]), None)
