"""A provider that is busy."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import KeyedFault, Seam, register

__all__ = ["ProviderBusy"]


@register
class ProviderBusy(KeyedFault):
    """The provider itself answers 503 to an order's first attempts: a transient error, which must not become the order's answer."""

    seam: ClassVar[Seam] = Seam.SETTING
    heals: ClassVar[str] = "The provider is told to accept again."

    fault: Literal["provider-busy"] = Field(description="The fault's name.")
