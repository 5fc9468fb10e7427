"""A narrow feed of a read model."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import Fault, Seam, register

__all__ = ["ReadModelBandwidth"]


@register
class ReadModelBandwidth(Fault):
    """The read model's link carries only so much: the more orders are written, the further it falls behind."""

    seam: ClassVar[Seam] = Seam.READ_MODEL
    heals: ClassVar[str] = "The read model's link is made clean again and the read model catches up."

    fault: Literal["read-model-bandwidth"] = Field(description="The fault's name.")
    kb_per_s: Annotated[int, Strict(), Field(ge=1)] = Field(
        description="Kilobytes (1,000 bytes) a second, as Toxiproxy counts."
    )
