"""Connections that break."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field

from .base import register
from .edge import EdgeFault
from .edge_actions import ResetAfterSend
from .edge_views import KeyedRandom, RequestView

__all__ = ["Reset"]


@register
class Reset(EdgeFault):
    """The connection breaks as soon as the request is sent on, before any answer: the provider does the work, or does
    not, and the merchant cannot tell.
    """

    fault: Literal["reset"] = Field(description="The fault's name.")

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[ResetAfterSend] | None:
        return [ResetAfterSend()]
