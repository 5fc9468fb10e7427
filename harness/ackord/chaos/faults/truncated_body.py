"""Answers that end too early."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault
from .edge_actions import TruncateAnswer
from .edge_views import AnswerView

__all__ = ["TruncatedBody"]


@register
class TruncatedBody(EdgeFault):
    """The answer's head says its full length, then the connection ends in the middle of the body. An answer without a
    body, or over 1 MiB, passes.
    """

    fault: Literal["truncated-body"] = Field(description="The fault's name.")
    bytes: Annotated[int, Strict(), Field(ge=0, le=1 << 30)] | None = Field(
        default=None, description="How much of the body comes; one byte is missing at least. Left out: see `part`."
    )
    part: Annotated[float, Strict(), Field(ge=0, lt=1)] = Field(
        default=0.5, description="The part of the body that comes, from 0 to under 1; unless `bytes` is given."
    )
    end: Literal["close", "reset"] = Field(
        default="close", description="`close`: the connection is closed in order (FIN); `reset`: it breaks (RST)."
    )

    def on_answer(self, answer: AnswerView) -> TruncateAnswer | None:
        size_bytes = answer.wire_bytes
        if not size_bytes:
            return None
        given = min(self.bytes if self.bytes is not None else int(size_bytes * self.part), size_bytes - 1)
        return TruncateAnswer(given, self.end, detail={"given_bytes": given, "of_bytes": size_bytes, "end": self.end})
