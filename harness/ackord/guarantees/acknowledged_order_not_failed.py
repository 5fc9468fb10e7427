"""Judges that no answer reads as failed while money moves or has moved, once the provider said that it has the order.

An acknowledgement says so, and so do DUPLICATE and IN_PROGRESS.

A failure is legitimate if nothing contradicts it. A movement of money contradicts it, and so does a later answer that
shows the order in progress, or an earlier one that showed the money paid, unless a declared later edge explains it.
"""

from __future__ import annotations

from bisect import bisect_right

from ..core.history import Exchange, OrderHistory
from ..core.operation import Observation
from ..core.payment_state import MONEY_MOVED, NO_MONEY, PaymentState
from ..core.promises import SamePayloadAnswer
from ..core.verdict import Finding, Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding, unsafe_if_declared, worst_of
from .response_pairs import first_sights, is_replay
from .wording import POLL, answer, duration, first_word, request

ID = "acknowledged-order-not-failed"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    answers = order.answers
    known_ns = answers.known_ns
    if known_ns is None:
        return NOTHING
    begins = answers.state_begins
    if not answers.no_money and not answers.refusals:
        # No answer reads as failed: every answer that began later shows the order in progress or paid.
        return (len(begins) - bisect_right(begins, known_ns) if begins and begins[-1] > known_ns else 0), ()

    after = [x for x in answers.states if x.begin_ns > known_ns]
    refused = [x for x in answers.refusals if x.begin_ns > known_ns and ctx.remembered(order, x)]
    if not order.payouts and not MONEY_MOVED & answers.terminals and all(x.state in NO_MONEY for x in after):
        return NOTHING  # it failed, and goes on failing: nothing could contradict that
    claims = [x for x in after if x.state in NO_MONEY and not _cancelled(order, x)] + refused
    found = [f for x in claims if (f := _contradicted(order, ctx, x)) is not None]
    return len(after) + len(refused), worst_of(found)


def _cancelled(order: OrderHistory, x: Exchange) -> bool:
    """Return whether CANCELLED follows a cancel request, in which case it is no false failure."""
    if x.state is not PaymentState.CANCELLED or x.complete_ns is None:
        return False
    return any(c.begin_ns <= x.complete_ns for c in order.cancels)


def _contradicted(order: OrderHistory, ctx: JudgeContext, claim: Exchange) -> Finding | None:
    """Return the finding about ``claim`` (an answer that reads as failed) if something contradicts it."""
    failed = claim.state if claim.state in NO_MONEY else PaymentState.FAILED
    assert claim.complete_ns is not None
    sights = first_sights(order)
    edges = ctx.edges
    known = order.known
    assert known is not None
    proof: list[Exchange] = [known]
    movements: list[str] = []
    stale_ns = claim.begin_ns - (known.complete_ns or 0)
    head = f"{request(claim)} began {duration(stale_ns)} after {first_word(known)} and was answered {answer(claim)}"
    for x in order.answers.states:
        assert x.complete_ns is not None
        before = x.state in MONEY_MOVED and x.complete_ns < claim.begin_ns
        goes_on = x.state not in NO_MONEY and x.begin_ns > claim.complete_ns and not is_replay(x, ctx)
        if before and x.begin_ns > edges.open_until_ns(x.state, failed, sights):
            why = f"although {request(x)} had shown {x.state.name} {duration(claim.begin_ns - x.complete_ns)} before"
        elif goes_on and claim.begin_ns > edges.open_until_ns(failed, x.state, sights):
            why = (
                f"although it goes on: {request(x)} showed {x.state.name} "
                f"{duration(x.begin_ns - claim.complete_ns)} later"
            )
        else:
            continue
        proof.append(x)
        break
    else:
        if not _paid_all_the_same(order, ctx, failed):
            return None
        movements = [m.movement_id for m in order.payouts]
        why = f"although money moved: {', '.join(movements)}"
    proof.append(claim)
    result = Result.VIOLATED
    if claim.observation is Observation.REJECTED:
        result = unsafe_if_declared(ctx.promises, SamePayloadAnswer.REJECT_PLAIN, SamePayloadAnswer.NEW_MOVEMENT)
    return finding(
        ID, order, result, f"{head}, {why}", proof, staleness_ns=stale_ns, movements=movements, safe_policies=(POLL,)
    )  # fmt: skip


def _paid_all_the_same(order: OrderHistory, ctx: JudgeContext, failed: PaymentState) -> bool:
    """Return whether money moved for the original payload and no declared edge connects that with the failure, in
    either direction.
    """
    if not order.payouts:
        return False
    paid = PaymentState.SUCCEEDED
    if ctx.edges.declared(paid, failed) or ctx.edges.declared(failed, paid):
        return False
    # The payment may be for an altered payload that was accepted under this number; another guarantee judges that.
    return not any(x.fingerprint != order.fingerprint and x.observation is Observation.ACK for x in order.submits)


GUARANTEE = Guarantee(
    ID,
    "An acknowledged order is never reported as failed while money moves",
    "An answer whose request began after the order was acknowledged, or after the provider called its number "
    "DUPLICATE or IN_PROGRESS, MUST NOT read as failed, declined, cancelled or rejected while money moves or has "
    "moved for the order.",
    "The merchant books the payout as failed, releases the funds or pays again, and the first payment "
    "arrives all the same.",
    judge,
    place="query",
    exposure="An answer with a state, or a refusal, whose request began after the provider said that it has the order.",
)
