"""A narrow feed of a read model."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .links import NarrowLink

__all__ = ["ReadModelBandwidth"]


@register
class ReadModelBandwidth(NarrowLink):
    """The read model's link carries only so much: the more orders are written, the further it falls behind."""

    seam: ClassVar[Seam] = Seam.READ_MODEL
    heals: ClassVar[str] = "The read model's link is made clean again and the read model catches up."

    fault: Literal["read-model-bandwidth"] = Field(description="The fault's name.")
