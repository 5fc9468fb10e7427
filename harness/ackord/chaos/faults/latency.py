"""Slow edges."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Literal

from pydantic import Field

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .edge import EdgeFault
from .edge_actions import DelayRequest
from .edge_views import KeyedRandom, RequestView

__all__ = ["Latency"]


@register
class Latency(EdgeFault):
    """Requests reach the provider late. Beware: in front of a merchant it hides consistency bugs, for the lag belongs
    behind the acknowledgement.
    """

    composable: ClassVar[bool] = True

    fault: Literal["latency"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(description="How much later, in milliseconds.")
    jitter_ms: Milliseconds = Field(
        default=0, description="Up to this much more or less, in milliseconds, drawn from the seed."
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[DelayRequest] | None:
        ms, jitter_ms = drawn_number(self.ms), drawn_number(self.jitter_ms)
        if jitter_ms:
            ms += random.between(-jitter_ms, jitter_ms, "jitter")
        delay_ns = round(max(0.0, ms) * MS)
        return [DelayRequest(delay_ns, detail={"ms": delay_ns / MS})] if delay_ns else None
