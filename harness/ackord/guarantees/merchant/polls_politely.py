"""Checks that a merchant spares the provider: it waits as told, sends no storms, and slows down when it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...core.clock import MS, SECOND
from ...core.history import Exchange
from ...core.verdict import Doubt, Finding, MissingEvidence, Result
from ..base import Judgement, finding
from ..wording import duration, request
from .base import MerchantContext, MerchantGuarantee
from .intent import Intent, MerchantOrder

__all__ = ["GUARANTEE", "MOST_CALLS_A_SECOND"]

ID = "merchant-polls-politely"
MOST_CALLS_A_SECOND = 10
"""Calls about one order that may begin within a second."""
_TOLERANCE_NS = 50 * MS
"""Retry-After counts whole seconds, and clocks and timers are not exact."""
_BUSY = (429, 503)
_REFUSALS = 4
"""So many refusals in a row show whether the distances grow."""
_FAR_ENOUGH_NS = SECOND
"""Who keeps this distance need not slow down."""


def judge(intent: Intent, context: MerchantContext) -> Judgement:
    exposures = sum(max(0, len(order.calls) - 1) for order in intent.orders)
    for order in intent.orders:
        found = next(_findings(order, context), None)
        if found is not None:
            return exposures, [found]
    return exposures, ()


def _findings(order: MerchantOrder, context: MerchantContext) -> Iterator[Finding]:
    for x, following in pairwise(order.calls):
        told_ns = _retry_after_ns(x, context)
        if told_ns and x.complete_ns is not None and following.begin_ns < x.complete_ns + told_ns - _TOLERANCE_NS:
            waited = duration(max(0, following.begin_ns - x.complete_ns))
            text = f"the merchant was told to wait {duration(told_ns)} (Retry-After) and called again after {waited}"
            yield finding(ID, order.history, Result.VIOLATED, text, [x, following])
    for first, last in zip(order.calls, order.calls[MOST_CALLS_A_SECOND:], strict=False):
        if last.begin_ns - first.begin_ns < SECOND:
            text = (
                f"a storm: more than {MOST_CALLS_A_SECOND} calls about one order within a second, the last of them "
                f"{request(last)}"
            )
            yield finding(ID, order.history, Result.VIOLATED, text, [first, last])
    yield from _no_back_off(order, context)


def _retry_after_ns(x: Exchange, context: MerchantContext) -> int:
    """How long an answer asked to wait; 0: it did not, or by a date, which says nothing on our clock."""
    answer = getattr(context.answers.get(x.op), "answer", None) or {}
    text = str(answer.get("headers", {}).get("retry-after", "")).strip()
    return int(text) * SECOND if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _no_back_off(order: MerchantOrder, context: MerchantContext) -> Iterator[Finding]:
    row: list[Exchange] = []
    for x in order.calls:
        answer = getattr(context.answers.get(x.op), "answer", None) or {}
        row = [*row, x] if answer.get("status") in _BUSY and x.complete_ns is not None else []
        if len(row) >= _REFUSALS:
            waits = [b.begin_ns - (a.complete_ns or a.begin_ns) for a, b in pairwise(row[-_REFUSALS:])]
            if max(waits) < _FAR_ENOUGH_NS and waits[-1] < 1.25 * waits[0]:
                text = (
                    f"the merchant was refused {_REFUSALS} times in a row ({answer.get('status')}) and called again "
                    f"after {', '.join(duration(max(0, wait)) for wait in waits)}: it did not slow down"
                )
                yield finding(ID, order.history, Result.VIOLATED, text, row[-_REFUSALS:])


GUARANTEE = MerchantGuarantee(
    id=ID,
    title="The provider is spared",
    clause="A merchant MUST wait as long as Retry-After says, and SHOULD slow down when it is refused.",
    why="A provider that is busy stays busy, and blocks the merchant: then nothing is known of any payment.",
    judge=judge,
    unexposed=lambda context: Doubt(MissingEvidence.EXPOSURE, "the merchant called about no order twice"),
    contract_place="limits",
)
