"""Judges that a resubmission that began after the order was shown in a terminal state executes nothing again."""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation, OperationKind
from ..core.payment_state import MONEY_MOVED, RANK, TERMINAL
from ..core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ..core.verdict import Finding
from .base import (
    NOTHING,
    Guarantee,
    JudgeContext,
    Judgement,
    finding,
    known_id,
    payouts_of_original,
    unsafe_if_declared,
    worst_of,
)
from .wording import POLL, answer, request

ID = "resubmission-after-terminal"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    if len(order.submits) < 2:
        return NOTHING
    final_ns = order.answers.first_terminal_ns
    if final_ns is None or order.submits[-1].begin_ns <= final_ns:
        return NOTHING
    final = next(x for x in order.answers.states if x.complete_ns == final_ns and x.state in TERMINAL)
    judged = [
        x
        for x in order.attempts
        if x is not order.submits[0]
        and x.begin_ns > final_ns
        and x.fingerprint == order.fingerprint
        and x.complete_ns is not None
        and ctx.remembered(order, x)
    ]
    found = [f for x in judged if (f := _new_order(order, ctx, final, x)) is not None]
    if judged and (paid_again := _paid_again(order, ctx, final, judged)) is not None:
        found.append(paid_again)
    if not found and not _accounted(order, final):
        found = [f for x in judged if (f := _reopened(order, ctx, final, x)) is not None]
    return len(judged), worst_of(found)


def _found(
    order: OrderHistory, ctx: JudgeContext, final: Exchange, x: Exchange, what: str, proof: list[Exchange],
    movements: list[str] | None = None,
) -> Finding:  # fmt: skip
    text = f"{request(final)} had shown {final.state.name}; {request(x)} then repeated the payload, {what}"
    result = unsafe_if_declared(ctx.promises, SamePayloadAnswer.NEW_MOVEMENT)
    return finding(ID, order, result, text, proof, movements=movements or [], safe_policies=(POLL,))


def _new_order(order: OrderHistory, ctx: JudgeContext, final: Exchange, x: Exchange) -> Finding | None:
    original_id = known_id(order)
    if x.observation is not Observation.ACK or x.provider_id is None or original_id in (None, x.provider_id):
        return None
    what = f"and was acknowledged as a new order, {x.provider_id} instead of {original_id}"
    return _found(order, ctx, final, x, what, [final, x])


def _reopened(order: OrderHistory, ctx: JudgeContext, final: Exchange, x: Exchange) -> Finding | None:
    """Return the finding that a query after the resubmission shows the order in progress again.

    If such an answer was already given before the resubmission, it was a stale read, and the next one proves nothing.
    """
    assert final.complete_ns is not None and x.complete_ns is not None
    done_rank = RANK[final.state]
    for q in order.answers.states:
        if q.begin_ns <= final.complete_ns or RANK[q.state] >= done_rank or q.state in TERMINAL:
            continue
        if ctx.edges.declared(final.state, q.state) or q.kind is not OperationKind.QUERY:
            continue
        if q.begin_ns <= x.complete_ns:
            return None
        return _found(order, ctx, final, x, f"and {request(q)} was answered {answer(q)}: it runs again", [final, x, q])
    return None


def _accounted(order: OrderHistory, final: Exchange) -> bool:
    """Return whether the ledger was read since, and so shows that a paid order was not paid again.

    An answer that shows less is then a stale read, which ``status-never-regresses`` judges.
    """
    read_ns = order.ledger_read_ns
    return final.state in MONEY_MOVED and read_ns is not None and read_ns > order.submits[-1].begin_ns


def _paid_again(order: OrderHistory, ctx: JudgeContext, final: Exchange, judged: list[Exchange]) -> Finding | None:
    """Find more payouts than the submits before the terminal state, and accepted other payloads, can have caused.

    A ledger does not say when money moved. What not even one payout for each of these resubmissions explains was not
    caused by them, and ``resubmission-moves-money-once`` judges it.
    """
    payouts = payouts_of_original(order)
    before = [s for s in order.submits if s.begin_ns <= (final.complete_ns or 0)]
    explained = len(before)
    if ctx.promises.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT:
        explained += len({s.fingerprint for s in order.submits} - {s.fingerprint for s in before})
    later = sum(s.begin_ns > (final.complete_ns or 0) for s in order.submits)
    if len(payouts) < 2 or not explained < len(payouts) <= explained + later:
        return None
    ids = [m.movement_id for m in payouts]
    submits = f"{len(before)} submit{'' if len(before) == 1 else 's'}"
    what = f"and the ledger holds {len(ids)} payouts, more than the {submits} before that: {', '.join(ids)}"
    return _found(order, ctx, final, judged[0], what, [final, judged[0]], ids)


GUARANTEE = Guarantee(
    ID,
    "A resubmission after the end executes nothing",
    "A resubmission that began after the order was shown in a terminal state MUST NOT execute the order again.",
    "A late retry (a queue's redelivery, a restored backup) pays an order that was settled long ago.",
    judge,
    place="promises.on_same_payload",
    exposure="An answered resubmission that began after an answer had shown a terminal state.",
)
