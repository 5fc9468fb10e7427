"""Checks that no payable thing moved money twice: under two order numbers, or in the merchant's own books."""

from __future__ import annotations

from itertools import pairwise

from ...core.history import Exchange
from ...core.promises import SamePayloadAnswer
from ...core.verdict import Doubt, Finding, MissingEvidence, Result
from ..base import Judgement, finding
from ..wording import answer, delivery, request
from .base import MerchantContext, MerchantGuarantee
from .intent import Intent, MerchantOrder

__all__ = ["GUARANTEE"]

ID = "merchant-pays-once"


def judge(intent: Intent, context: MerchantContext) -> Judgement:
    exposures = intent.misleading(context.stale_lists)
    found = _two_numbers(intent, context) or _one_number_twice(intent, context) or _booked_twice(intent)
    return max(exposures, bool(found)), [] if found is None else [found]


def _two_numbers(intent: Intent, context: MerchantContext) -> Finding | None:
    paid = [order for order in intent.orders if order.payouts]
    for first, second in pairwise(paid):
        again = second.first_submit
        if first.came_back and (context.callbacks or first.told_of_return(again.begin_ns)):
            continue  # the payee was owed the money again, and the merchant could know it
        misread = first.told_before(again.begin_ns)
        proof = [first.first_submit, *([misread] if misread is not None else []), again]
        return finding(
            ID,
            second.history,
            Result.VIOLATED,
            f"the merchant paid for {_thing(intent)} again under this number, and the money moved under {first.number} "
            f"too; it had paid under that one{_after(first, misread, again.begin_ns)}{intent.guessed}",
            proof,
            movements=[m.movement_id for order in (first, second) for m in order.history.payouts],
        )
    return None


def _thing(intent: Intent) -> str:
    return f"the intent {intent.name}" if intent.declared else "one thing"


def _after(first: MerchantOrder, misread: Exchange | None, before_ns: int) -> str:
    """Say which answer it took for a failure."""
    if (call := first.callback_since(misread, before_ns)) is not None:
        return f", and the last that it was told was {delivery(call)}"
    if misread is None:
        return " a moment before, and had no answer yet"
    if misread.observation is None:
        return f" and took no answer to {request(misread)} ({misread.detail or 'nothing came'}) for a failure"
    if first.shown_by(misread):
        return f", and {answer(misread)} was the answer to {request(misread)}"
    return f" and took the answer {answer(misread)} to {request(misread)} for a failure"


def _one_number_twice(intent: Intent, context: MerchantContext) -> Finding | None:
    """A provider that promises idempotency and moves money twice broke its own word: that is none of the merchant's."""
    if context.promises.on_same_payload is not SamePayloadAnswer.NEW_MOVEMENT:
        return None
    for order in intent.orders:
        writes = order.submits
        if order.payouts > 1 and len(writes) > 1:
            return finding(
                ID,
                order.history,
                Result.VIOLATED,
                f"the merchant sent this number {len(writes)} times to a provider that does not promise to recognise "
                f"one, and the money moved {order.payouts} times",
                [writes[0], writes[-1]],
                movements=[m.movement_id for m in order.history.payouts],
            )
    return None


def _booked_twice(intent: Intent) -> Finding | None:
    for report in intent.reports:
        if (report.payments or 0) > 1:
            order = _reported(intent, report.order)
            return finding(
                ID,
                order.history,
                Result.VIOLATED,
                f"the merchant's own books hold {report.payments} payments for {_thing(intent)}",
                order.calls[-1:],
            )
    return None


def _reported(intent: Intent, number: str) -> MerchantOrder:
    return next((order for order in intent.orders if order.number == number), intent.orders[-1])


GUARANTEE = MerchantGuarantee(
    id=ID,
    title="One payable thing is paid once",
    clause="A merchant MUST NOT pay for one thing under a second order number before the first is certain to have "
    "failed.",
    why="The payee has the money twice, and getting it back is a favour.",
    judge=judge,
    unexposed=lambda context: Doubt(MissingEvidence.EXPOSURE, "the merchant got no answer that it could have misread"),
    contract_place="submit",
    waivable=False,
)
