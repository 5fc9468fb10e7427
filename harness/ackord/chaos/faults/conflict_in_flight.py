"""Resubmissions that come while the provider still works on the first."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from ...core.clock import MS
from .base import register
from .edge import EdgeFault
from .edge_actions import ReplaceAnswer
from .edge_views import AnswerView

__all__ = ["ConflictInFlight"]


@register
class ConflictInFlight(EdgeFault):
    """A resubmission that comes within `ms` of the order's acknowledgement is answered, in the provider's words, that
    an earlier request for the order is still being worked on. The provider gets it all the same. Match it with
    resubmissions. Where answers are signed, they pass.
    """

    subject: ClassVar[str] = "integration"
    needs_history: ClassVar[bool] = True

    fault: Literal["conflict-in-flight"] = Field(description="The fault's name.")
    ms: Annotated[float, Strict(), Field(gt=0, le=600_000)] = Field(
        default=1500, description="How long the first request seems to be worked on, in milliseconds."
    )

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer | None:
        since_ns = answer.acknowledged_ns()
        # Not acknowledged yet: the first one is in flight indeed.
        if since_ns is not None and answer.now_ns - since_ns >= self.ms * MS:
            return None
        response = answer.in_progress()
        if response is None:
            return None
        return ReplaceAnswer(response, detail={"status": response.status, "instead_of": answer.status})
