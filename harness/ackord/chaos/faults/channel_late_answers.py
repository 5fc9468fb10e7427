"""A bank that answers after the provider stopped waiting."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import Json, RunControl, Seam, register
from .controls import CountedFault

__all__ = ["ChannelLateAnswers"]


@register
class ChannelLateAnswers(CountedFault):
    """The bank pays at once and answers when the provider has already taken it for a time-out: the late answer must
    count.
    """

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank answers in time again."
    counter: ClassVar[str] = "late_answers"
    calm: ClassVar[Json] = {"late_ms": 0.0}

    fault: Literal["channel-late-answers"] = Field(description="The fault's name.")
    ms: Annotated[float, Strict(), Field(gt=0, le=60_000)] = Field(
        description="How long after the provider's patience ended, in milliseconds."
    )

    def change(self, settings: Json, run: RunControl) -> None:
        settings["late_ms"] = self.ms
