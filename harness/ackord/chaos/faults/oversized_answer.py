"""Answers that are far larger than anybody expects."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault
from .edge_actions import PadAnswer
from .edge_views import AnswerView

__all__ = ["OversizedAnswer"]

_GZIP = b"\x1f\x8b"


@register
class OversizedAnswer(EdgeFault):
    """The provider's answer, followed by spaces: who reads a body without a bound has all of them in memory. An answer
    without a body, or packed by gzip, passes.
    """

    subject: ClassVar[str] = "integration"

    fault: Literal["oversized-answer"] = Field(description="The fault's name.")
    mib: Annotated[int, Strict(), Field(ge=1, le=64)] = Field(default=8, description="How many MiB of spaces.")

    def on_answer(self, answer: AnswerView) -> PadAnswer | None:
        if not answer.body or answer.body.startswith(_GZIP):
            return None
        return PadAnswer(self.mib << 20, detail={"more_bytes": self.mib << 20})
