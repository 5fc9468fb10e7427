"""A node whose clock jumps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from ...contract.base.field_types import field_problem
from .base import ActiveFault, Json, RunControl, Seam, register
from .controls import ControlFault

__all__ = ["ClockStep"]

_YEAR_S = 366 * 86_400
_SLACK_S = 0.001
"""The machine's own clock is slewed, too."""


@register
class ClockStep(ControlFault):
    """A node takes it for later or earlier than it is, as after a step of its time daemon or in a machine that was
    resumed from a snapshot. Durations, which are measured monotonically, stay as they are, and so does the machine's
    own clock.
    """

    seam: ClassVar[Seam] = Seam.CLOCK
    heals: ClassVar[str] = (
        "The node has the machine's time again. Until then a node that is started again has the step, too: a "
        "machine's clock is not set right by a restart."
    )
    request: ClassVar[str] = "clock"
    calm: ClassVar[Json] = {"steps_s": {}}

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

    def change(self, settings: Json, run: RunControl) -> None:
        steps_s = settings["steps_s"]
        for node in self._nodes(run):
            steps_s[node] = steps_s.get(node, 0.0) + self.by_s

    def observed(self, settings: Json, answer: Json, run: RunControl) -> Json | None:
        """Return the nodes' answers if the clock of every affected node is stepped as intended, else ``None``."""
        steps_s, said = settings["steps_s"], answer["nodes"]
        nodes = self._nodes(run)
        if not all(node in said and _shows(steps_s.get(node, 0.0), **said[node]["ahead_s"]) for node in nodes):
            return None
        return {"nodes": {node: said[node] for node in nodes}}

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        if armed.proof is None and armed.told is not None:  # a node may have been silent when it was told
            armed.proof = self.observed(armed.told, await run.control("clock"), run)
        return armed.proof

    def _nodes(self, run: RunControl) -> Sequence[str]:
        return (self.node,) if self.node else run.nodes


def _shows(step_s: float, *, least: float, most: float) -> bool:
    """Return whether an offset between ``least`` and ``most`` seconds is explained by the step, and only by it."""
    least, most = least - _SLACK_S, most + _SLACK_S
    return least <= step_s <= most and not least <= 0 <= most
