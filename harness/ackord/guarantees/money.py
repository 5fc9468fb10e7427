"""Selects what the guarantees about money compare: the payouts in the ledger, and the submits that may have caused
them.
"""

from __future__ import annotations

from ..core.event import Movement
from ..core.history import Exchange, OrderHistory
from ..core.operation import SUBMITS, Observation
from ..core.promises import Promises

__all__ = [
    "kept_payouts",
    "may_have_paid",
    "no_ledger",
    "payouts_posted",
    "posted_by_ns",
    "posted_of_owner",
    "posting_promised",
    "submits_of",
    "was_accepted",
]

_EXECUTES_NOTHING = (
    Observation.REJECTED,
    Observation.CONFLICT,
    Observation.DUPLICATE,
    Observation.IN_PROGRESS,
)
"""Answers that say that this request itself has started nothing."""


def no_ledger(promises: Promises) -> str:
    """Return why a guarantee about the ledger does not apply to a contract; empty when it does."""
    return "" if promises.has_ledger else "the contract has no ledger and no statement to read movements of money from"


def posted_by_ns(promises: Promises, since_ns: int, healed_ns: int | None) -> int:
    """Return the instant by which the ledger must hold what the provider has said at ``since_ns``.

    It has the promised time for it from then, or from the healing of the faults if that came later.
    """
    within_ns = promises.posts_within_ns
    if within_ns is None:
        within_ns = promises.settles_within_ns or 0
    return max(since_ns, healed_ns or 0) + within_ns


def posting_promised(promises: Promises) -> bool:
    """Return whether the contract promises a time by which a movement is posted."""
    if promises.posts_within_ns is not None:
        return True
    return promises.settles_within_ns is not None and "settles_within" not in promises.unknown


def payouts_posted(order: OrderHistory) -> list[Movement]:
    """Return the payouts of any account in the last reading of the ledger, each once."""
    posted = order.posted
    if len(posted) == 1:
        return posted if posted[0].kind == "payout" else []
    return list({m.movement_id: m for m in posted if m.kind == "payout"}.values())


def posted_of_owner(order: OrderHistory, kind: str) -> list[Movement]:
    """Return the owner's movements of a kind in the last reading of the ledger, each once."""
    mine = (order.account, "")
    found = {m.movement_id: m for m in order.posted if m.kind == kind}
    return [m for m in found.values() if m.account in mine]


def kept_payouts(order: OrderHistory) -> list[Movement]:
    """Return the owner's payouts in the last reading of the ledger; none if all that left has come back: each payout
    was returned, or as much was refunded as those left that were not.
    """
    payouts = posted_of_owner(order, "payout")
    returned = len(posted_of_owner(order, "return"))
    kept_minor = sum(sorted((m.amount_minor for m in payouts), reverse=True)[returned:])
    refunded_minor = sum(m.amount_minor for m in posted_of_owner(order, "refund"))
    return payouts if kept_minor > refunded_minor else []


def submits_of(order: OrderHistory, account: str) -> list[Exchange]:
    """Return the submits of an account under this number; those of the owner for an empty name."""
    if account in (order.account, ""):
        return order.submits
    return [x for x in order.foreign if x.kind in SUBMITS and x.account == account]


def was_accepted(order: OrderHistory) -> bool:
    """Return whether the provider ever took the order: an answer shows it, or money moved for it. Otherwise nothing
    about its money was put to the test.
    """
    answers = order.answers
    return bool(answers.acks or answers.states or order.payouts) or any(
        x.observation in (Observation.DUPLICATE, Observation.IN_PROGRESS) for x in order.submits
    )


def may_have_paid(x: Exchange) -> bool:
    """Return whether a submit may have started a payment: it was accepted, or its answer leaves that open."""
    return not x.definite and x.observation not in _EXECUTES_NOTHING
