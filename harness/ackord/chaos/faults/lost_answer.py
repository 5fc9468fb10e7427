"""Work done, answer lost."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field

from .base import register
from .edge import EdgeFault
from .edge_actions import LoseAnswer
from .edge_views import KeyedRandom, RequestView

__all__ = ["LostAnswer"]


@register
class LostAnswer(EdgeFault):
    """The provider gets the request and does the work; its answer is lost on the way to the merchant."""

    fault: Literal["lost-answer"] = Field(description="The fault's name.")
    mode: Literal["reset", "hang"] = Field(
        default="reset",
        description="`reset`: the connection breaks at once; `hang`: the merchant waits until its time-out.",
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[LoseAnswer] | None:
        return [LoseAnswer(self.mode, detail={"mode": self.mode})]
