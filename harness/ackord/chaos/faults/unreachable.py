"""Nodes that are cut off."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field

from .base import register
from .edge import EdgeFault
from .edge_actions import DropRequest, EdgeAction, RefuseConnection
from .edge_views import KeyedRandom, RequestView

__all__ = ["Unreachable"]


@register
class Unreachable(EdgeFault):
    """Nothing gets to the provider, as when a node is cut off: name the node in `match`."""

    fault: Literal["unreachable"] = Field(description="The fault's name.")
    mode: Literal["refused", "silent"] = Field(
        default="refused",
        description="`refused`: the gateway answers 502 at once, as it does for a node that is down; `silent`: the "
        "merchant waits until its time-out.",
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[EdgeAction] | None:
        detail = {"mode": self.mode}
        return [RefuseConnection(detail=detail) if self.mode == "refused" else DropRequest("hang", detail=detail)]
