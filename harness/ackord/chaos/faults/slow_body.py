"""Answers that trickle."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault
from .edge_actions import TrickleAnswer
from .edge_views import AnswerView

__all__ = ["SlowBody"]


@register
class SlowBody(EdgeFault):
    """The answer's head comes at once and its body trickles, so that a time-out for each read never strikes. An answer
    without a body, or over 1 MiB, passes.
    """

    fault: Literal["slow-body"] = Field(description="The fault's name.")
    bytes_per_s: Annotated[float, Strict(), Field(ge=0.1, le=1e9, allow_inf_nan=False)] = Field(
        default=100, description="Bytes of the body a second."
    )

    def on_answer(self, answer: AnswerView) -> TrickleAnswer | None:
        if not answer.wire_bytes:
            return None
        detail = {"bytes_per_s": self.bytes_per_s, "of_bytes": answer.wire_bytes}
        return TrickleAnswer(self.bytes_per_s, detail=detail)
