"""Callbacks that the merchant's server refuses at first."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import register
from .callbacks import CallbackFault, CallbackView, RefuseCallback
from .edge_views import KeyedRandom

__all__ = ["CallbackRefused"]


@register
class CallbackRefused(CallbackFault):
    """The merchant's server answers 503 to the first callbacks about an order, as in a deployment: a provider that has
    promised callbacks sends them again.
    """

    subject: ClassVar[str] = ""
    heals: ClassVar[str] = "Callbacks are taken again."

    fault: Literal["callback-refused"] = Field(description="The fault's name.")
    attempts: Annotated[int, Strict(), Field(ge=1, le=100)] = Field(
        default=1, description="How many callbacks about each order are refused before the first is taken."
    )

    def on_callback(self, call: CallbackView, random: KeyedRandom) -> RefuseCallback | None:
        return RefuseCallback() if call.number <= self.attempts else None
