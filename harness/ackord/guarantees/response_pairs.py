"""Searches for pairs of answers in real-time order that contradict each other; the guarantees about statuses use it.

Every search is linear in the answers. Of all answers that showed ``source``, the one that was complete first allows the
most pairs. Of all that showed ``target``, the one that began last is the stalest.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import SUBMITS
from ..core.payment_state import PaymentState
from ..core.promises import SamePayloadAnswer
from .base import JudgeContext

__all__ = ["first_sights", "is_replay", "unexplained"]


def first_sights(order: OrderHistory) -> dict[PaymentState, int]:
    """Return when each state was first shown by a complete answer."""
    sights: dict[PaymentState, int] = {}
    for x in order.answers.states:
        assert x.complete_ns is not None
        if x.complete_ns < sights.get(x.state, x.complete_ns + 1):
            sights[x.state] = x.complete_ns
    return sights


def is_replay(x: Exchange, ctx: JudgeContext) -> bool:
    """Return whether a resubmission repeats the *original* answer, which says nothing of the present state."""
    return ctx.promises.on_same_payload is SamePayloadAnswer.REPLAY_ORIGINAL and x.kind in SUBMITS


def unexplained(
    order: OrderHistory, ctx: JudgeContext, source: PaymentState, target: PaymentState, sights: dict[PaymentState, int]
) -> tuple[Exchange, Exchange] | None:
    """Return the stalest pair of an answer ``source`` and a later one ``target`` that no declared edge explains."""
    open_ns = ctx.edges.open_until_ns(source, target, sights)
    earlier: Exchange | None = None
    done_ns = 0
    for a in order.answers.states:
        if a.state is not source or a.begin_ns <= open_ns or a.complete_ns is None:
            continue
        if earlier is None or a.complete_ns < done_ns:
            earlier, done_ns = a, a.complete_ns
    if earlier is None:
        return None
    for b in reversed(order.answers.states):
        if b.begin_ns <= done_ns:
            return None
        if b.state is target and not is_replay(b, ctx):
            return earlier, b
    return None
