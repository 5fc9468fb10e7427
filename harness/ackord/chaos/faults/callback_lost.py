"""Callbacks that never arrive."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import register
from .callbacks import CallbackFault, CallbackView, LoseCallback
from .edge_views import KeyedRandom

__all__ = ["CallbackLost"]


@register
class CallbackLost(CallbackFault):
    """A callback is taken in the merchant's name and lost, so the provider does not send it again."""

    fault: Literal["callback-lost"] = Field(description="The fault's name.")

    def on_callback(self, call: CallbackView, random: KeyedRandom) -> LoseCallback:
        return LoseCallback()
