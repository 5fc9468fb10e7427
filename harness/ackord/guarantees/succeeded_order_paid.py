"""Judges that an order that was shown SUCCEEDED has a payout in the ledger, once the promised time is over."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.payment_state import PaymentState
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .edges import LaterEdges
from .money import no_ledger, payouts_posted, posted_by_ns, posting_promised
from .wording import POLL, answer, duration, request

ID = "succeeded-order-paid"
_TAKEN_BACK = (PaymentState.RETURNED, PaymentState.FAILED, PaymentState.CANCELLED)


def why_not_judged(promises: Promises) -> str:
    """Return why it cannot be judged by what a contract says; empty when it can.

    A ledger without returns may drop a payout that came back, so where a success may be taken back, a payout that is
    not there proves nothing.
    """
    if why := no_ledger(promises):
        return why
    back = _may_vanish(promises, LaterEdges(promises.later_edges))
    if not back:
        return ""
    states = " or ".join(state.name for state in back)
    return (
        f"SUCCEEDED may become {states} (later_edges), and the contract names no kind of movement for money that came "
        "back, so a payout that is missing may have come back (say how it is shown: extract.kind with kinds, or "
        "sign: negative_out)"
    )


def _may_vanish(promises: Promises, edges: LaterEdges) -> list[PaymentState]:
    """Return the states in which a payout of an order that succeeded may be gone from the ledger again."""
    if promises.ledger_shows_returns:
        return []
    return [state for state in _TAKEN_BACK if edges.declared(PaymentState.SUCCEEDED, state)]


def posting_due_ns(order: OrderHistory, ctx: JudgeContext) -> int | None:
    """Return the instant by which the order's payout must stand in the ledger; ``None`` if nothing demands one.

    An order that is also shown failed or returned demands none here: answers that contradict each other are judged
    elsewhere.
    """
    answers = order.answers
    if PaymentState.SUCCEEDED not in answers.terminals or answers.no_money:
        return None
    if PaymentState.RETURNED in answers.terminals or _may_vanish(ctx.promises, ctx.edges):
        return None
    return posted_by_ns(ctx.promises, answers.first_terminal_ns or 0, ctx.healed_ns)


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    began_ns = order.ledger_began_ns
    if began_ns is None:
        return NOTHING
    due_ns = posting_due_ns(order, ctx)
    if due_ns is None:
        return NOTHING
    if payouts_posted(order):
        return int(began_ns > (order.answers.first_terminal_ns or 0)), ()
    if began_ns <= due_ns:
        return NOTHING
    shown = next(x for x in order.answers.states if x.state is PaymentState.SUCCEEDED)
    text = (
        f"{request(shown)} was answered {answer(shown)}, and the ledger holds no payout of the order: its reading "
        f"began {duration(began_ns - (shown.complete_ns or 0))} later"
    )
    result, more = Result.VIOLATED, ""
    if not posting_promised(ctx.promises):
        result, more = Result.UNSAFE, "; no time is promised for it"
    return 1, [finding(ID, order, result, text + more, [shown], at_ns=order.ledger_read_ns, safe_policies=(POLL,))]


GUARANTEE = Guarantee(
    ID,
    "An order that succeeded was paid",
    "Once the promised time is over, the ledger MUST hold a payout of every order that was shown SUCCEEDED.",
    "The merchant books the payout as arrived and tells the payee so, and the money never left.",
    judge,
    why_not_judged,
    depends_on="posts_within",
    needs_ledger=True,
    exposure="An order that an answer showed as succeeded, with a reading of the ledger that began after its "
    "payout was due.",
)
