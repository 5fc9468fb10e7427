"""Judges that the provider's ledger has at most one movement of money per order number, whatever was retried,
duplicated or reordered.
"""

from __future__ import annotations

from ..core.history import Exchange, OrderHistory
from ..core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .money import no_ledger, was_accepted
from .wording import POLL, amount

ID = "resubmission-moves-money-once"

_EVIDENCE_KEPT = 12


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    submits = order.submits
    if len(submits) < 2 and len(order.movements) < 2:
        return NOTHING
    exposures = int(len(submits) >= 2 and _read_after(submits, order.ledger_read_ns) and was_accepted(order))
    payouts = order.payouts
    if len(payouts) < 2:
        return exposures, ()
    return exposures, [_moved_again(order, ctx)]


def _read_after(submits: list[Exchange], read_ns: int | None) -> bool:
    """Return whether the ledger was read after the last answer to a submit."""
    if read_ns is None:
        return False
    done_ns: int | None = None
    for x in submits:
        complete_ns = x[7]  # by position, because this runs for every order of a run
        if complete_ns is not None and (done_ns is None or complete_ns > done_ns):
            done_ns = complete_ns
    return done_ns is not None and read_ns > done_ns


def _moved_again(order: OrderHistory, ctx: JudgeContext) -> Finding:
    payouts, submits, promises = order.payouts, order.submits, ctx.promises
    result = Result.VIOLATED
    why = ""
    payloads = len({x.fingerprint for x in submits})
    retention_ns = promises.key_retention_ns
    if promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT:
        result, why = Result.UNSAFE, "; the contract declares no idempotency"
    elif promises.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT and len(payouts) <= payloads:
        result, why = Result.UNSAFE, "; the contract takes another payload for another order"
    elif retention_ns is not None and submits:
        forgotten = sum(x.begin_ns > submits[0].begin_ns + retention_ns for x in submits)
        if len(payouts) <= 1 + forgotten:
            result, why = Result.UNSAFE, "; the number was older than the contract remembers it"
    moved = ", ".join(f"{m.movement_id} ({amount(m.amount_minor)})" for m in payouts)
    total = sum(m.amount_minor for m in payouts)
    text = (
        f"{len(payouts)} payouts moved {amount(total)} in all for one order number, after {len(submits)} "
        "submits and resubmissions: "
        f"{moved}{why}"
    )
    return finding(
        ID, order, result, text, submits[-_EVIDENCE_KEPT:],
        at_ns=max(m.at_ns for m in payouts), movements=[m.movement_id for m in payouts], safe_policies=(POLL,),
    )  # fmt: skip


GUARANTEE = Guarantee(
    ID,
    "One order number moves money once",
    "The provider's ledger MUST hold at most one payout per order number, whatever was retried, "
    "duplicated or reordered. No contract can waive this.",
    "The payee is paid twice, and the merchant learns of it from the statement.",
    judge,
    no_ledger,
    needs_ledger=True,
    place="promises.on_same_payload",
    waivable=False,
    exposure="An accepted order that was submitted at least twice, with a reading of the ledger that began after that.",
)
