"""Queries that overtake one another."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from .base import Milliseconds, register
from .edge import EdgeFault

__all__ = ["ReorderedQueries"]


@register
class ReorderedQueries(EdgeFault):
    """Queries are collected and let go in another order, which the seed decides; a query that is alone in its window is
    only late. Other operations pass.
    """

    fault: Literal["reordered-queries"] = Field(description="The fault's name.")
    window_ms: Milliseconds = Field(
        default=50, description="How long the first of a window waits for others, in milliseconds."
    )
    size: Annotated[int, Strict(), Field(ge=2, le=1000)] = Field(
        default=8, description="How many queries fill a window, which is let go at once then."
    )
