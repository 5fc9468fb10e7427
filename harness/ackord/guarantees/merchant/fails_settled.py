"""Checks that a merchant takes no payment for failed whose money moved, or may still move."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...core.event import MerchantReport, ReportedOutcome
from ...core.history import Exchange
from ...core.verdict import Doubt, Finding, MissingEvidence, Result
from ..base import Judgement, finding
from ..wording import answer, delivery, request
from .base import MerchantContext, MerchantGuarantee
from .intent import Intent, MerchantOrder

__all__ = ["GUARANTEE"]

ID = "merchant-never-fails-unsettled"


def judge(intent: Intent, context: MerchantContext) -> Judgement:
    # Only what the merchant says of itself shows that it did not take the payment for failed.
    exposures = intent.misleading(context.stale_lists) if intent.reports else 0
    found = next(_findings(intent), None)
    return max(exposures, found is not None), [] if found is None else [found]


def _findings(intent: Intent) -> Iterator[Finding]:
    for order in intent.orders:
        if not order.moves or order.came_back:
            continue
        for report in intent.reports_of(order):
            if report.outcome is ReportedOutcome.FAILED or report.payments == 0:
                yield _reported(order, report)
    for first, second in pairwise(intent.orders):
        if first.moves and not first.came_back:
            yield _gave_up(intent, first, second)


def _reported(order: MerchantOrder, report: MerchantReport) -> Finding:
    said = "reported as failed" if report.outcome is ReportedOutcome.FAILED else "not in the merchant's books"
    misread = order.told_before(report.at_ns)
    return finding(
        ID,
        order.history,
        Result.VIOLATED,
        f"the payment was {said} ({report.source}), and {_fate(order)}{_last_word(order, misread, report.at_ns)}",
        [order.first_submit, *([misread] if misread is not None else [])],
        at_ns=report.at_ns,
        movements=[m.movement_id for m in order.history.payouts],
    )


def _gave_up(intent: Intent, first: MerchantOrder, second: MerchantOrder) -> Finding:
    again = second.first_submit
    misread = first.told_before(again.begin_ns)
    return finding(
        ID,
        first.history,
        Result.VIOLATED,
        f"the merchant gave this order up and paid under {second.number} instead, and {_fate(first)}"
        f"{_last_word(first, misread, again.begin_ns)}{intent.guessed}",
        [first.first_submit, *([misread] if misread is not None else []), again],
        movements=[m.movement_id for m in first.history.payouts],
    )


def _fate(order: MerchantOrder) -> str:
    return "its money moved" if order.payouts else f"it is {order.last.name} at the provider, so its money may move"


def _last_word(order: MerchantOrder, misread: Exchange | None, before_ns: int) -> str:
    if (call := order.callback_since(misread, before_ns)) is not None:
        return f"; the last that it was told was {delivery(call)}"
    if misread is None:
        return ""
    if misread.observation is None:
        return f"; the last that it knew was no answer to {request(misread)}"
    return f"; the last that it was told was {answer(misread)}, to {request(misread)}"


def _unexposed(context: MerchantContext) -> Doubt:
    if context.told:
        return Doubt(MissingEvidence.EXPOSURE, "the merchant got no answer that it could have misread")
    return Doubt(
        MissingEvidence.MERCHANT_OUTCOMES,
        "what the merchant takes its payments for was not told (--report-pattern, ACKORD_REPORT_URL or --verify-cmd)",
    )


GUARANTEE = MerchantGuarantee(
    id=ID,
    title="No payment is taken for failed that is not",
    clause="A merchant MUST NOT take a payment for failed, nor give it up for another, while its money moved or may "
    "still move.",
    why="Reserved money is released, the customer is told that nothing was paid, or the thing is paid again.",
    judge=judge,
    unexposed=_unexposed,
    contract_place="states",
)
