"""A feed of a read model that is cut."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Seam, register
from .links import CutLink

__all__ = ["ReadModelCut"]


@register
class ReadModelCut(CutLink):
    """The read model's link is cut: it stands still, while the standby stays level, and catches up once the link is
    open again.
    """

    seam: ClassVar[Seam] = Seam.READ_MODEL
    heals: ClassVar[str] = "The link is opened and the read model catches up."

    fault: Literal["read-model-cut"] = Field(description="The fault's name.")
