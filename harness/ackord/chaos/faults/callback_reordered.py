"""Callbacks that overtake one another."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .callbacks import CallbackFault, CallbackView, HoldCallback
from .edge_views import KeyedRandom

__all__ = ["CallbackReordered"]


@register
class CallbackReordered(CallbackFault):
    """A callback is held back until the next about its order was passed on, so an earlier status comes after a later
    one; a callback that no other follows in time is only late.
    """

    fault: Literal["callback-reordered"] = Field(description="The fault's name.")
    most_ms: Milliseconds = Field(default=1000, description="How long it waits for another at most, in milliseconds.")

    def on_callback(self, call: CallbackView, random: KeyedRandom) -> HoldCallback:
        return HoldCallback(round(drawn_number(self.most_ms) * MS))
