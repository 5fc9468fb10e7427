"""Tells which exchanges of an order come after its number may have been forgotten, by the clock of a sandbox that was
moved on.

A number's age is counted from the begin of its first submit. What the clock was moved on by counts in full for an
exchange that was complete after the move began, so an age is never too small. Without a move nothing is set apart:
each guarantee then counts the age itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from .event import ClockAdvance, Movement
from .exchange import Exchange
from .operation import SUBMITS, acknowledges

__all__ = ["paid_before", "until_expiry"]


def until_expiry(
    exchanges: list[Exchange], advances: Sequence[ClockAdvance], retention_ns: int | None
) -> tuple[list[Exchange], list[Exchange]]:
    """Return the exchanges of one order before its number may be forgotten, and those after it."""
    if not advances or retention_ns is None:
        return exchanges, []
    first_ns = min((x.begin_ns for x in exchanges if x.kind in SUBMITS), default=None)
    if first_ns is None:
        return exchanges, []

    def forgotten(x: Exchange) -> bool:
        until_ns = x.complete_ns if x.complete_ns is not None else x.begin_ns
        moved_ns = sum(a.by_ns for a in advances if a.at_ns > first_ns and a.began_ns < until_ns)
        return moved_ns > 0 and until_ns - first_ns + moved_ns > retention_ns

    return [x for x in exchanges if not forgotten(x)], [x for x in exchanges if forgotten(x)]


def paid_before(
    movements: list[Movement], exchanges: Sequence[Exchange], expired: Sequence[Exchange]
) -> list[Movement]:
    """Return the movements without the payouts that submits after the expiry may have made: the last ones in the
    ledger, one for each new identifier (or each submit that was given none). At least one payout stays.
    """
    if not expired:
        return movements
    known = {x.provider_id for x in exchanges}
    acked = [x.provider_id for x in expired if acknowledges(x.kind, x.observation)]
    again = len(set(acked) - known - {None}) + acked.count(None)
    if not again:
        return movements
    payouts = list(dict.fromkeys(m.movement_id for m in movements if m.kind == "payout"))
    new = set(payouts[max(1, len(payouts) - again) :])
    return [m for m in movements if m.movement_id not in new]
