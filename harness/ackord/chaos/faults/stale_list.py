"""Lists that are served from a cache, or from an index that lags."""

from __future__ import annotations

import json
from typing import ClassVar, Literal

from pydantic import Field

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .edge import EdgeFault
from .edge_actions import ReplaceAnswer
from .edge_views import AnswerView
from .stale_reads import as_of

__all__ = ["StaleList"]


@register
class StaleList(EdgeFault):
    """A query that is answered with a list in JSON gets an earlier list: that of `lag_ms` ago, or the oldest known. If
    the list is the contract's query of one order, that order is not in it until `lag_ms` after its acknowledgement.
    """

    subject: ClassVar[str] = "integration"
    queries_only: ClassVar[bool] = True
    needs_history: ClassVar[bool] = True

    fault: Literal["stale-list"] = Field(description="The fault's name.")
    lag_ms: Milliseconds = Field(default=2000, description="How old the list is, in milliseconds.")

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer | None:
        if not _holds_list(answer.body):
            return None
        lag_ms = drawn_number(self.lag_ms)
        missing = answer.not_found()
        if missing is None or not _holds_list(missing.body):
            answer = answer._replace(acknowledged_ns=lambda: None)  # it lists many orders, or none is known
        return as_of(answer, answer.now_ns - round(lag_ms * MS), lag_ms=lag_ms)


def _holds_list(body: bytes) -> bool:
    """Whether it is a list, or an object with a list among its members or theirs."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return False
    for _ in range(2):
        if isinstance(document, list):
            return True
        if not isinstance(document, dict):
            return False
        if any(isinstance(value, list) for value in document.values()):
            return True
        document = next((value for value in document.values() if isinstance(value, dict)), None)
    return False
