"""A provider that is busy."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Json, RunControl, Seam, register
from .controls import KeyedCountedFault

__all__ = ["ProviderBusy"]


@register
class ProviderBusy(KeyedCountedFault):
    """The provider itself answers 503 to an order's first attempts: a transient error, which must not become the
    order's answer.
    """

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "The provider is told to accept again."
    counter: ClassVar[str] = "busy"
    calm: ClassVar[Json] = {"busy_share": 0.0}

    fault: Literal["provider-busy"] = Field(description="The fault's name.")

    def change(self, settings: Json, run: RunControl) -> None:
        settings["busy_share"] = self.hit_share
