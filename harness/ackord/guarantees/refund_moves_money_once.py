"""Judges that each refund in the ledger was asked for, has the amount that was asked for, and stands there once."""

from __future__ import annotations

from ..core.event import Movement
from ..core.history import OrderHistory
from ..core.promises import SamePayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .refunds import RefundRequests, matched_refunds, no_refunds, refund_requests, refunds_posted
from .wording import NEVER_NEW_NUMBER, amount, requests

ID = "refund-moves-money-once"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    refunds = refund_requests(order)
    began_ns = order.ledger_began_ns
    if not refunds or began_ns is None:
        return NOTHING
    exposures = sum(_exposes(refund, began_ns) for refund in refunds)
    posted = refunds_posted(order, ctx.promises)
    owners = matched_refunds([refund for refund in refunds if refund.possible], posted)
    extra = next((m for at, m in enumerate(posted) if at not in owners), None)
    if extra is None:
        return exposures, ()
    return max(1, exposures), [_found(order, ctx, refunds, posted, extra)]


def _exposes(refund: RefundRequests, began_ns: int) -> bool:
    """Return whether a refund was sent at least twice and accepted, or refused for good, before the ledger was read."""
    last_ns = max((x.complete_ns or x.begin_ns) for x in refund.sent)
    if began_ns <= last_ns:
        return False
    return not refund.possible or (len(refund.sent) > 1 and refund.acknowledged is not None)


def _found(
    order: OrderHistory, ctx: JudgeContext, refunds: list[RefundRequests], posted: list[Movement], extra: Movement
) -> Finding:
    """Return the finding about a movement that no request explains."""
    moved = [m for m in posted if _alike(m, extra)]
    mine = [r for r in refunds if (r.number == extra.refund_no if extra.refund_no else extra.amount_minor in r.amounts)]
    sent = [x for refund in mine for x in refund.sent] or order.refunds
    result, why = Result.VIOLATED, ""
    if ctx.promises.on_same_refund is SamePayloadAnswer.NEW_MOVEMENT and mine and len(sent) >= len(moved):
        result, why = Result.UNSAFE, "; the contract declares no idempotency of refunds"
    named = ", ".join(f"{m.movement_id} ({amount(m.amount_minor)})" for m in moved)
    text = f"the ledger holds a refund {_problem(mine, moved)}: {named}, after {requests(sent)}{why}"
    return finding(
        ID, order, result, text, sent, at_ns=max(m.at_ns for m in moved), movements=[m.movement_id for m in moved],
        safe_policies=(NEVER_NEW_NUMBER,),
    )  # fmt: skip


def _alike(m: Movement, extra: Movement) -> bool:
    if extra.refund_no:
        return m.refund_no == extra.refund_no
    return not m.refund_no and m.amount_minor == extra.amount_minor


def _problem(mine: list[RefundRequests], moved: list[Movement]) -> str:
    if not mine:
        return "that nobody asked for"
    if not any(refund.possible for refund in mine):
        return "that was refused for good"
    if len(moved) > 1:
        return f"{len(moved)} times that was asked for {'once' if len(mine) == 1 else f'{len(mine)} times'}"
    asked = " or ".join(amount(minor) for minor in sorted(mine[0].amounts))
    return f"of {amount(moved[0].amount_minor)} instead of {asked}"


GUARANTEE = Guarantee(
    ID,
    "One refund moves money once",
    "The ledger MUST hold at most one movement for each refund, of the amount that was asked for, whatever was sent "
    "again, duplicated or reordered, and none for a refund that was refused for good. No contract can waive this.",
    "The customer gets the money back twice, or gets back what was refused, and nobody returns it.",
    judge,
    no_refunds,
    depends_on="on_same_refund",
    needs_ledger=True,
    exposure="A refund that was accepted and sent at least twice, or that was refused for good, with a reading of the "
    "ledger that began after that.",
    waivable=False,
)
