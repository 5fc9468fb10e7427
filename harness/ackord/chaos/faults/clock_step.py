"""A node whose clock jumps."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from ...contract.base.field_types import field_problem
from .base import Fault, Seam, register

__all__ = ["ClockStep"]

_YEAR_S = 366 * 86_400


@register
class ClockStep(Fault):
    """A node takes it for later or earlier than it is, as after a step of its time daemon or in a machine that was resumed from a snapshot. Durations, which are measured monotonically, stay as they are, and so does the machine's own clock."""

    seam: ClassVar[Seam] = Seam.CLOCK
    heals: ClassVar[str] = (
        "The node has the machine's time again. Until then a node that is started again has the step, too: a machine's clock is not set right by a restart."
    )

    fault: Literal["clock-step"] = Field(description="The fault's name.")
    by_s: Annotated[float, Strict(), Field(ge=-_YEAR_S, le=_YEAR_S, allow_inf_nan=False)] = Field(
        description="How far, in seconds: forward, or back if it is negative. Steps of one node add up."
    )
    node: str = Field(default="", description="Which node; left out: all of them.")

    @model_validator(mode="after")
    def _steps(self) -> Self:
        if self.by_s == 0:
            raise field_problem("by_s", "a step of 0 s is none", expected="seconds over 0, or under it")
        return self
