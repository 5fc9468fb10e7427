"""Requests that never arrive."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field

from .base import register
from .edge import EdgeFault
from .edge_actions import DropRequest
from .edge_views import KeyedRandom, RequestView

__all__ = ["LostRequest"]


@register
class LostRequest(EdgeFault):
    """The request is lost on the way: the provider never sees it."""

    fault: Literal["lost-request"] = Field(description="The fault's name.")
    mode: Literal["reset", "hang"] = Field(
        default="reset",
        description="`reset`: the connection breaks at once; `hang`: the merchant waits until its time-out.",
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[DropRequest] | None:
        return [DropRequest(self.mode, detail={"mode": self.mode})]
