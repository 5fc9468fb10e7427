"""Checks that a merchant acts on no answer whose signature is wrong."""

from __future__ import annotations

from ...core.event import MerchantReport, ReportedOutcome
from ...core.history import Exchange
from ...core.operation import Observation
from ...core.payment_state import TERMINAL
from ...core.verdict import Finding, Result
from ..base import Judgement, finding
from ..wording import request
from .base import MerchantContext, MerchantGuarantee
from .intent import Intent, MerchantOrder

__all__ = ["GUARANTEE", "NOT_GENUINE"]

ID = "merchant-verifies"
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


def _decides(report: MerchantReport) -> bool:
    return report.outcome in (ReportedOutcome.PAID, ReportedOutcome.FAILED)


def _tells(x: Exchange) -> bool:
    return x.observation is not None and x.observation is not Observation.UNREADABLE


GUARANTEE = MerchantGuarantee(
    id=ID,
    title="Only the provider's own answers are believed",
    clause="A merchant MUST NOT act on an answer whose signature is wrong.",
    why="Whoever can answer in the provider's place decides what is paid.",
    judge=judge,
    unexposed=lambda context: "no answer with a wrong signature was given to the merchant",
    contract_place="accounts",
)
