"""Checks that a merchant follows its payments to the end: it neither forgets one nor gives up one that can be made."""

from __future__ import annotations

from ...core.event import ReportedOutcome
from ...core.history import Exchange
from ...core.operation import Observation
from ...core.payment_state import NO_MONEY, TERMINAL, PaymentState
from ...core.verdict import Doubt, Finding, MissingEvidence, Result
from ..base import Judgement, finding
from ..wording import answer, request
from .base import MerchantContext, MerchantGuarantee
from .intent import Intent, MerchantOrder

__all__ = ["GUARANTEE"]

ID = "merchant-settles"
_DEFINITE = frozenset({Observation.REJECTED, Observation.CONFLICT})


def judge(intent: Intent, context: MerchantContext) -> Judgement:
    order = intent.orders[-1]
    if context.cut_off:
        return int(_finished(intent, order)), ()  # what it left undone it may have been about to do
    if context.cut_by_time and not _finished(intent, order):
        return 0, ()  # it may have been about to ask
    if order.last is PaymentState.UNKNOWN and not _finished(intent, order):
        return 0, ()  # nobody knows how it ended
    if context.callbacks and order.acknowledged and not _finished(intent, order) and not intent.reports:
        return 0, ()  # a callback may have told it, at an address of its own
    found = _left_open(intent, order) or _never_paid(intent, order)
    return 1, [] if found is None else [found]


def _finished(intent: Intent, order: MerchantOrder) -> bool:
    """Whether the merchant knows how the intent ended: it was shown it, or says so."""
    if any(x.complete_ns is not None and x.state in TERMINAL for x in order.calls):
        return True
    if any(x.observation in _DEFINITE for x in order.submits):
        return True
    said = [r for r in intent.reports_of(order) if r.outcome is not None]
    if said and said[-1].outcome is not ReportedOutcome.OPEN:
        return True
    # A callback that it took has told it, unless it says later that it still does not know.
    told_ns = max((at_ns for at_ns, state in order.genuine() if state in TERMINAL), default=None)
    return told_ns is not None and not (said and said[-1].at_ns > told_ns)


def _left_open(intent: Intent, order: MerchantOrder) -> Finding | None:
    if _finished(intent, order) or not (order.moves or order.last in NO_MONEY):
        return None
    asked = len(order.calls) - 1
    last = order.calls[-1]
    how = "asked for it never again" if not asked else f"stopped asking after {request(last)}, {_got(last)}"
    if order.seen in TERMINAL:
        how += ", took a callback that told its end, and says that it is open"
    became = f"it became {order.last.name}" if order.last in TERMINAL else f"it is {order.last.name}"
    return finding(
        ID,
        order.history,
        Result.VIOLATED,
        f"the merchant never learnt how this payment ended: it {how}; {became}",
        [order.first_submit, last],
    )


def _never_paid(intent: Intent, order: MerchantOrder) -> Finding | None:
    """Over-cautious: nothing says that the thing cannot be paid, and it is not."""
    if any(o.moves or o.last is not PaymentState.NOT_FOUND for o in intent.orders):
        return None
    if any(x.observation in _DEFINITE for o in intent.orders for x in o.submits):
        return None
    last = order.calls[-1]
    return finding(
        ID,
        order.history,
        Result.VIOLATED,
        f"the merchant gave up although the payment could have been made: the order is not at the provider, and after "
        f"{request(last)}, {_got(last)}, it was not sent again",
        [order.first_submit, last],
    )


def _got(x: Exchange) -> str:
    return "which got no answer" if x.observation is None else f"which was answered {answer(x)}"


def _unexposed(context: MerchantContext) -> Doubt:
    if context.cut_off:
        return Doubt(MissingEvidence.WHOLE_RUN, "the run was cut off while every payment was open")
    if context.cut_by_time:
        return Doubt(MissingEvidence.MERCHANT_TIME, "the time was over while every payment was open")
    if context.callbacks and not context.told:
        return Doubt(
            MissingEvidence.MERCHANT_OUTCOMES,
            "the provider also tells by callbacks, and none came to us, so it is not known what the merchant learnt: "
            "lead them through the drill (--callback-to), or let it report (--report-pattern, ACKORD_REPORT_URL or "
            "--verify-cmd)",
        )
    reason = "how the merchant's payments ended could not be learnt from the provider"
    return Doubt(MissingEvidence.PAYMENT_ENDS, reason)


GUARANTEE = MerchantGuarantee(
    id=ID,
    title="Payments are followed to their end",
    clause="A merchant MUST ask for a payment, or send it again under its number, until it knows how it ended.",
    why="A payment that nobody follows is neither booked nor refunded, and one that was given up is still owed.",
    judge=judge,
    unexposed=_unexposed,
    contract_place="query",
)
