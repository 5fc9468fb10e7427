"""Judges that each refund in the ledger was asked for, has the amount that was asked for, and stands there once."""

from __future__ import annotations

from collections import Counter

from ..core.event import Movement
from ..core.history import OrderHistory
from ..core.promises import SamePayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .refunds import RefundRequests, no_refunds, refund_requests, refunds_posted
from .wording import NEVER_NEW_NUMBER, amount, requests

ID = "refund-moves-money-once"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    refunds = refund_requests(order)
    began_ns = order.ledger_began_ns
    if not refunds or began_ns is None:
        return NOTHING
    exposures = sum(_exposes(refund, began_ns) for refund in refunds)
    posted = refunds_posted(order, ctx.promises)
    known = {refund.number: refund for refund in refunds if refund.number}
    numbered: dict[str, list[Movement]] = {}
    rest: list[Movement] = []
    for m in posted:
        if m.refund_no:
            numbered.setdefault(m.refund_no, []).append(m)
        else:
            rest.append(m)
    for number, moved in numbered.items():
        if (problem := _problem_of(known.get(number), moved)) is not None:
            return exposures + 1, [_found(order, ctx, known.get(number), moved, problem)]
    open_refunds = [refund for refund in refunds if refund.possible and refund.number not in numbered]
    if (excess := _without_request(open_refunds, rest)) is not None:
        group = next((r for r in refunds if excess[0].amount_minor in r.amounts), None)
        return exposures + 1, [_found(order, ctx, group, *excess[1:])]
    return exposures, ()


def _exposes(refund: RefundRequests, began_ns: int) -> bool:
    """Return whether a refund was sent at least twice and accepted, or refused for good, before the ledger was read."""
    last_ns = max((x.complete_ns or x.begin_ns) for x in refund.sent)
    if began_ns <= last_ns:
        return False
    return not refund.possible or (len(refund.sent) > 1 and refund.acknowledged is not None)


def _problem_of(refund: RefundRequests | None, moved: list[Movement]) -> str | None:
    if refund is None:
        return "under a number that no refund of the order had"
    if not refund.possible:
        return "although it was refused for good"
    if len(moved) > 1:
        return f"{len(moved)} times"
    if refund.amounts and moved[0].amount_minor not in refund.amounts:
        return f"with {amount(moved[0].amount_minor)} instead of {' or '.join(map(amount, sorted(refund.amounts)))}"
    return None


def _without_request(
    refunds: list[RefundRequests], rest: list[Movement]
) -> tuple[Movement, list[Movement], str] | None:
    """Return a movement that no request is left for, with those of its amount, where the ledger names no refund."""
    if any(not refund.amounts for refund in refunds):
        return None  # what was asked for is not known
    asked = Counter(minor for refund in refunds for minor in refund.amounts)
    for minor, count in Counter(m.amount_minor for m in rest).items():
        if count > asked[minor]:
            moved = [m for m in rest if m.amount_minor == minor]
            text = f"{count} times for {asked[minor]} refunds of that amount that may have been made"
            return moved[0], moved, text
    return None


def _found(
    order: OrderHistory, ctx: JudgeContext, refund: RefundRequests | None, moved: list[Movement], problem: str
) -> Finding:
    sent = list(refund.sent if refund is not None else order.refunds)
    result, why = Result.VIOLATED, ""
    if ctx.promises.on_same_refund is SamePayloadAnswer.NEW_MOVEMENT and len(sent) >= len(moved):
        result, why = Result.UNSAFE, "; the contract declares no idempotency of refunds"
    named = ", ".join(f"{m.movement_id} ({amount(m.amount_minor)})" for m in moved)
    about = f"refund {refund.number}".strip() if refund is not None else "a refund"
    text = f"the ledger holds {about} {problem}: {named}, after {requests(sent)}{why}"
    return finding(
        ID, order, result, text, sent, at_ns=max(m.at_ns for m in moved), movements=[m.movement_id for m in moved],
        safe_policies=(NEVER_NEW_NUMBER,),
    )  # fmt: skip


GUARANTEE = Guarantee(
    ID,
    "One refund moves money once",
    "The ledger MUST hold at most one movement for each refund, of the amount that was asked for, whatever was sent "
    "again, duplicated or reordered, and none for a refund that was refused for good.",
    "The customer gets the money back twice, or gets back what was refused, and nobody returns it.",
    judge,
    no_refunds,
    depends_on="on_same_refund",
    needs_ledger=True,
    exposure="A refund that was accepted and sent at least twice, or that was refused for good, with a reading of the "
    "ledger that began after that.",
    waivable=False,
)
