"""Judges that simultaneous copies of one submit cause one movement of money and get compatible answers."""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.promises import SamePayloadAnswer
from ..core.verdict import Finding
from .base import (
    NOTHING,
    Guarantee,
    JudgeContext,
    Judgement,
    finding,
    payouts_of_original,
    truly_failed,
    unsafe_if_declared,
    worst_of,
)
from .money import was_accepted
from .wording import POLL, answer, request, requests

ID = "concurrent-duplicates-collapse"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if len(order.submits) < 2:
        return NOTHING
    group = _simultaneous(order)
    if not group:
        return NOTHING
    ledger_matters = ctx.promises.has_ledger
    exposures = int((order.ledger_read_ns is not None or not ledger_matters) and was_accepted(order))
    found = [f for f in (_moved_twice(order, ctx, group), *_incompatible(order, ctx, group)) if f is not None]
    return exposures, worst_of(found)


def _simultaneous(order: OrderHistory) -> list[Exchange]:
    """Return the answered submits of the original payload that began before the first acknowledgement and overlap
    another one.
    """
    acked_ns = order.acknowledged_ns
    early: list[Exchange] = []
    for x in order.submits:  # read by position (begin, complete, fingerprint): this runs for every order of a run
        if acked_ns is not None and x[6] > acked_ns:
            break  # they are sorted by begin
        if x[13] == order.fingerprint and x[7] is not None:
            early.append(x)
    if len(early) < 2:
        return early[:0]
    group: list[Exchange] = []
    last: Exchange | None = None
    for x in early:
        if last is not None and x.begin_ns <= (last.complete_ns or 0):
            if not group or group[-1] is not last:
                group.append(last)
            group.append(x)
        if last is None or (x.complete_ns or 0) > (last.complete_ns or 0):
            last = x
    return sorted({(x.op, x.copy): x for x in group}.values(), key=lambda x: x.begin_ns)


def _moved_twice(order: OrderHistory, ctx: JudgeContext, group: list[Exchange]) -> Finding | None:
    payouts = payouts_of_original(order)
    # A later resubmission may have caused the second movement, unless its answer shows the same order. So may another
    # payload that was accepted, whatever order its answer shows.
    ids = {x.provider_id for x in group if x.provider_id is not None}
    same = (Observation.DUPLICATE, Observation.IN_PROGRESS, Observation.CONFLICT, Observation.REJECTED)
    others = sum(
        1
        for x in order.submits
        if all(x is not y for y in group)
        and x.observation not in same
        and (x.provider_id not in ids or x.fingerprint != order.fingerprint)
    )
    if len(payouts) <= 1 + others:
        return None
    moved = ", ".join(m.movement_id for m in payouts)
    text = f"{len(group)} simultaneous copies ({requests(group)}) moved money {len(payouts)} times: {moved}"
    return finding(
        ID, order, unsafe_if_declared(ctx.promises, SamePayloadAnswer.NEW_MOVEMENT), text, group,
        movements=[m.movement_id for m in payouts], safe_policies=(POLL,),
    )  # fmt: skip


def _incompatible(order: OrderHistory, ctx: JudgeContext, group: list[Exchange]) -> list[Finding]:
    attempts = order.attempts
    group = [x for x in group if any(x is y for y in attempts)]  # what the gateway's copies were told is nobody's
    acks = [x for x in group if x.observation is Observation.ACK and x.provider_id is not None]
    found = []
    for x in acks[1:]:
        if x.provider_id != acks[0].provider_id:
            text = (
                f"{request(acks[0])} and {request(x)} were sent at the same time and acknowledged as two orders, "
                f"{acks[0].provider_id} and {x.provider_id}"
            )
            result = unsafe_if_declared(ctx.promises, SamePayloadAnswer.NEW_MOVEMENT)
            found.append(finding(ID, order, result, text, [acks[0], x], safe_policies=(POLL,)))
    if not order.acks or truly_failed(order):
        return found
    for x in group:
        if x.observation in (Observation.REJECTED, Observation.CONFLICT):
            ack = order.acks[0]
            text = f"{request(x)} was answered {answer(x)}, while its simultaneous copy {request(ack)} was acknowledged"
            result = unsafe_if_declared(ctx.promises, SamePayloadAnswer.REJECT_PLAIN, SamePayloadAnswer.NEW_MOVEMENT)
            found.append(finding(ID, order, result, text, [ack, x], safe_policies=(POLL,)))
    return found


GUARANTEE = Guarantee(
    ID,
    "Simultaneous copies make one order",
    "Copies of one submit that are in flight at the same time MUST result in at most one payout, and "
    "every answer to those of the merchant MUST be compatible with it.",
    "A double click, a proxy's retry or two workers of one queue race past a check that is not atomic, and both pay.",
    judge,
    place="promises.on_same_payload",
    exposure="An accepted order of which at least two submits overlapped; where the contract has a ledger, it was "
    "read.",
)
