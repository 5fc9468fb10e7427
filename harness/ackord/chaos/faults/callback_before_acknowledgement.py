"""Callbacks that reach the merchant before the answer to its submit."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Literal

from pydantic import Field

from ...core.clock import MS
from ...core.operation import OperationKind
from .base import Milliseconds, Seam, drawn_number, register
from .edge import EdgeFault
from .edge_actions import HoldAnswer
from .edge_views import KeyedRandom, RequestView

__all__ = ["CallbackBeforeAcknowledgement"]


@register
class CallbackBeforeAcknowledgement(EdgeFault):
    """An acknowledgement is held back until a callback about its order has reached the merchant: the merchant hears of
    an order whose submit has no answer yet. One whose callback does not come in time passes, and counts for nothing.
    """

    composable: ClassVar[bool] = True
    also_needs: ClassVar[tuple[Seam, ...]] = (Seam.CALLBACK,)

    fault: Literal["callback-before-acknowledgement"] = Field(description="The fault's name.")
    callback: Literal["any", "end"] = Field(
        default="end", description="Which callback it waits for: any about the order, or one that tells how it ended."
    )
    most_ms: Milliseconds = Field(
        default=1000,
        description="How long the acknowledgement waits for a callback at most, in milliseconds; less than the "
        "merchant's time-out.",
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[HoldAnswer] | None:
        if random.operation != OperationKind.SUBMIT:
            return None
        return [HoldAnswer(round(drawn_number(self.most_ms) * MS), self.callback == "end")]
