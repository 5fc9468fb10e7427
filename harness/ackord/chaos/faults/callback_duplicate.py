"""Callbacks that come more than once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .callbacks import CallbackFault, CallbackView, CopyCallback
from .edge_views import KeyedRandom

__all__ = ["CallbackDuplicate"]


@register
class CallbackDuplicate(CallbackFault):
    """A callback is passed on again, with the same bytes: a merchant must act on it once."""

    fault: Literal["callback-duplicate"] = Field(description="The fault's name.")
    copies: Annotated[int, Strict(), Field(ge=1, le=20)] = Field(default=1, description="How many more times.")
    delay_ms: Milliseconds = Field(
        default=50, description="How long after the one before it each copy comes, in milliseconds."
    )

    def on_callback(self, call: CallbackView, random: KeyedRandom) -> CopyCallback:
        return CopyCallback(self.copies, round(drawn_number(self.delay_ms) * MS))
