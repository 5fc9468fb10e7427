"""Checks that a merchant acts on no answer and on no callback whose signature is wrong."""

from __future__ import annotations

from ...core.event import CallbackDelivered, MerchantReport, ReportedOutcome
from ...core.history import Exchange
from ...core.operation import Observation
from ...core.payment_state import MONEY_MOVED, NO_MONEY, TERMINAL
from ...core.verdict import Doubt, Finding, MissingEvidence, Result
from ..base import Judgement, finding
from ..wording import delivery, request
from .base import MerchantContext, MerchantGuarantee
from .intent import Intent, MerchantOrder

__all__ = ["GUARANTEE", "NOT_GENUINE"]

ID = "merchant-verifies"
_DEFINITE = frozenset({Observation.REJECTED, Observation.CONFLICT})
NOT_GENUINE = "not genuine"
"""What the reading of an answer says whose signature is wrong."""


def judge(intent: Intent, context: MerchantContext) -> Judgement:
    exposures, found = 0, None
    for at, order in enumerate(intent.orders):
        for x in order.calls:
            if x.observation is Observation.UNREADABLE and NOT_GENUINE in x.detail:
                exposures += 1
                later = intent.orders[at + 1] if at + 1 < len(intent.orders) else None
                found = found or _acted(intent, order, x, later)
        for call in order.callbacks:
            if call.forged:
                exposures += 1
                later = intent.orders[at + 1] if at + 1 < len(intent.orders) else None
                found = found or _believed(intent, order, call, later)
    return exposures, [] if found is None else [found]


def _acted(intent: Intent, order: MerchantOrder, x: Exchange, later: MerchantOrder | None) -> Finding | None:
    """What the merchant did after an answer that is not the provider's, with no genuine one in between."""
    assert x.complete_ns is not None
    genuine = next((c for c in order.calls if c.begin_ns > x.complete_ns and _tells(c)), None)
    until_ns = genuine.complete_ns if genuine is not None and genuine.complete_ns is not None else None

    def before(at_ns: int) -> bool:
        return x.complete_ns is not None and at_ns > x.complete_ns and (until_ns is None or at_ns < until_ns)

    known = any(c.state in TERMINAL for c in order.calls if c.complete_ns is not None and c.complete_ns < x.complete_ns)
    said = next((r for r in intent.reports_of(order) if before(r.at_ns) and _decides(r)), None)
    if said is not None and not known:
        assert said.outcome is not None
        text = f"the merchant took the payment for {said.outcome} after {request(x)}, whose answer is not genuine"
        return finding(ID, order.history, Result.VIOLATED, text, [x], at_ns=said.at_ns)
    if later is not None and before(later.first_submit.begin_ns):
        text = f"the merchant paid again under {later.number} after {request(x)}, whose answer is not genuine"
        return finding(ID, order.history, Result.VIOLATED, text, [x, later.first_submit])
    return None


def _believed(
    intent: Intent, order: MerchantOrder, call: CallbackDelivered, later: MerchantOrder | None
) -> Finding | None:
    """What the merchant did after a forged callback that it took, where only that one said so."""
    if call.status is None or not 200 <= call.status < 300:
        return None
    fails = call.state in NO_MONEY
    claimed = ReportedOutcome.FAILED if fails else ReportedOutcome.PAID

    def rests_on_it(at_ns: int) -> bool:
        """Whether nothing else had said so, or could be misread so, by then."""
        if at_ns <= call.sent_ns:
            return False
        told = [state for told_ns, state in order.genuine() if told_ns < at_ns]
        if any(state in (NO_MONEY if fails else MONEY_MOVED) for state in told):
            return False
        if fails and any(x.observation in _DEFINITE for x in order.submits):
            return False
        last = order.told_before(at_ns)
        since = last is not None and (last.complete_ns or last.begin_ns) > call.sent_ns
        return not (fails and since and last is not None and not order.shown_by(last))

    said = next((r for r in intent.reports_of(order) if r.outcome is claimed and rests_on_it(r.at_ns)), None)
    if said is not None:
        text = f"the merchant took the payment for {said.outcome}, which only a forged call said: {delivery(call)}"
        return finding(ID, order.history, Result.VIOLATED, text, [order.first_submit], at_ns=said.at_ns)
    if fails and later is not None and rests_on_it(later.first_submit.begin_ns):
        text = f"the merchant paid again under {later.number}, and only a forged call said that this failed: "
        proof = [order.first_submit, later.first_submit]
        return finding(ID, order.history, Result.VIOLATED, text + delivery(call), proof)
    return None


def _decides(report: MerchantReport) -> bool:
    return report.outcome in (ReportedOutcome.PAID, ReportedOutcome.FAILED)


def _tells(x: Exchange) -> bool:
    return x.observation is not None and x.observation is not Observation.UNREADABLE


GUARANTEE = MerchantGuarantee(
    id=ID,
    title="Only the provider's own words are believed",
    clause="A merchant MUST NOT act on an answer or a callback whose signature is wrong.",
    why="Whoever can answer in the provider's place decides what is paid.",
    judge=judge,
    unexposed=lambda context: Doubt(
        MissingEvidence.EXPOSURE, "no answer or callback with a wrong signature was given to the merchant"
    ),
    contract_place="accounts",
)
