"""Judges that an order that was shown SUCCEEDED has a payout in the ledger, once the promised time is over."""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.payment_state import PaymentState
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .money import no_ledger, payouts_posted, posted_by_ns, posting_promised
from .wording import POLL, answer, duration, request

ID = "succeeded-order-paid"


def posting_due_ns(order: OrderHistory, ctx: JudgeContext) -> int | None:
    """Return the instant by which the order's payout must stand in the ledger; ``None`` if nothing demands one.

    An order that is also shown failed or returned demands none here: answers that contradict each other are judged
    elsewhere, and a ledger without returns may drop a payout that came back.
    """
    answers = order.answers
    if PaymentState.SUCCEEDED not in answers.terminals or answers.no_money:
        return None
    if PaymentState.RETURNED in answers.terminals:
        return None
    promises = ctx.promises
    if not promises.ledger_shows_returns and any(
        ctx.edges.declared(PaymentState.SUCCEEDED, target)
        for target in (PaymentState.RETURNED, PaymentState.FAILED, PaymentState.CANCELLED)
    ):
        return None
    return posted_by_ns(promises, answers.first_terminal_ns or 0, ctx.healed_ns)


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
    no_ledger,
    depends_on="posts_within",
    needs_ledger=True,
    exposure="An order that an answer showed as succeeded, with a reading of the ledger that began after its "
    "payout was due.",
)
