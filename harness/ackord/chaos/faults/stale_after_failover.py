"""A failover to a replica that had not caught up, until the old primary is back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from ...core.clock import MS
from .base import Json, register
from .edge import EdgeFault
from .edge_actions import ReplaceAnswer
from .edge_views import AnswerView
from .stale_reads import as_of

__all__ = ["StaleAfterFailover"]


@register
class StaleAfterFailover(EdgeFault):
    """While it is in force, queries are answered from one moment before it began: orders that were acknowledged between
    that moment and its begin are gone, and are there again when it ends. Orders acknowledged later are there. Where
    answers are signed, no order is gone, and its earlier answers are given.
    """

    subject: ClassVar[str] = "integration"
    queries_only: ClassVar[bool] = True
    needs_history: ClassVar[bool] = True

    fault: Literal["stale-after-failover"] = Field(description="The fault's name.")
    behind_ms: Annotated[float, Strict(), Field(ge=1, le=600_000)] = Field(
        default=1000, description="How far the replica was behind when it was promoted, in milliseconds."
    )

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer | None:
        acknowledged_ns = answer.acknowledged_ns()
        if acknowledged_ns is not None and acknowledged_ns > answer.began_ns:
            return None  # the new primary took it
        return as_of(answer, answer.began_ns - round(self.behind_ms * MS), behind_ms=self.behind_ms)

    def to_rule(self, armed_ns: int = 0) -> Json:
        """Its begin counts even without a schedule."""
        return {**super().to_rule(armed_ns), "schedule": {**self.schedule().to_json(), "armed_ns": armed_ns}}
