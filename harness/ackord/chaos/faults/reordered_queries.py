"""Queries that overtake one another."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .edge import EdgeFault
from .edge_actions import ReorderQuery
from .edge_views import KeyedRandom, RequestView

__all__ = ["ReorderedQueries"]


@register
class ReorderedQueries(EdgeFault):
    """Queries are collected and let go in another order, which the seed decides; a query that is alone in its window is
    only late. Other operations pass.
    """

    composable: ClassVar[bool] = True
    queries_only: ClassVar[bool] = True

    fault: Literal["reordered-queries"] = Field(description="The fault's name.")
    window_ms: Milliseconds = Field(
        default=50, description="How long the first of a window waits for others, in milliseconds."
    )
    size: Annotated[int, Strict(), Field(ge=2, le=1000)] = Field(
        default=8, description="How many queries fill a window, which is let go at once then."
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[ReorderQuery] | None:
        rank = random.bits(self.fault, "rank")
        return [ReorderQuery(self.size, round(drawn_number(self.window_ms) * MS), rank)]
