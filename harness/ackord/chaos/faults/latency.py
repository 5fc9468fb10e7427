"""Slow edges."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Milliseconds, register
from .edge import EdgeFault

__all__ = ["Latency"]


@register
class Latency(EdgeFault):
    """Requests reach the provider late. Beware: in front of a merchant it hides consistency bugs, for the lag belongs
    behind the acknowledgement.
    """

    fault: Literal["latency"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="How much later, in milliseconds.")
    jitter_ms: Milliseconds = Field(
        default=0, description="Up to this much more or less, in milliseconds, drawn from the seed."
    )
