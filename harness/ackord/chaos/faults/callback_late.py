"""Callbacks that come late."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .callbacks import CallbackFault, CallbackView, DelayCallback
from .edge_views import KeyedRandom

__all__ = ["CallbackLate"]


@register
class CallbackLate(CallbackFault):
    """A callback is taken in the merchant's name and passed on later."""

    fault: Literal["callback-late"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="How much later, in milliseconds.")

    def on_callback(self, call: CallbackView, random: KeyedRandom) -> DelayCallback:
        return DelayCallback(round(drawn_number(self.ms) * MS))
