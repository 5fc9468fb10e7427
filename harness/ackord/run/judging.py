"""Judge a run's history: each order by the guarantees, and raw responses by the provider's OpenAPI document, if any."""

from __future__ import annotations

from dataclasses import replace

from ..core.history import History
from ..core.verdict import Verdict
from ..errors import UsageError
from ..guarantees.judge import judge
from ..guarantees.merchant.judge import judge_merchant
from ..workload.openapi_check import ApiDocument, judge_responses
from .order_plan import limits_note

__all__ = ["judge_run"]


def judge_run(history: History, document: ApiDocument | None = None) -> Verdict:
    """Judge ``history`` by every guarantee: the merchant in a drill, else the provider.

    Raises ``UsageError`` for a document of another provider.
    """
    if history.header.subject == "integration":
        return judge_merchant(history)
    verdict = judge(history)
    if note := limits_note(history.header.options):
        verdict = replace(verdict, notes=(*verdict.notes, note))
    if document is None:
        return verdict
    requests = history.header.options.get("requests")
    if requests is None:
        raise UsageError(
            "this journal does not say which requests its answers belong to, so no OpenAPI document can be applied to "
            "it.\n"
            "  mend: run it again with this Ackord, or judge it without --openapi"
        )
    found = judge_responses(history, document.operations(requests))
    judged = (found if g.guarantee == found.guarantee else g for g in verdict.guarantees)
    return replace(verdict, guarantees=tuple(judged))
