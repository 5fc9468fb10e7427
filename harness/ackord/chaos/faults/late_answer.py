"""Answers that come when the merchant has given up."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Literal

from pydantic import Field

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .edge import EdgeFault
from .edge_actions import DelayAnswer
from .edge_views import KeyedRandom, RequestView

__all__ = ["LateAnswer"]


@register
class LateAnswer(EdgeFault):
    """The provider's answer is complete in time, and is withheld: longer than the merchant's time-out, if you choose it
    so. Answers over 1 MiB are not.
    """

    composable: ClassVar[bool] = True

    fault: Literal["late-answer"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(
        default=1000, description="How long after it was complete the merchant gets it, in milliseconds."
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[DelayAnswer] | None:
        ms = drawn_number(self.ms)
        return [DelayAnswer(round(ms * MS), detail={"ms": ms})] if ms else None
