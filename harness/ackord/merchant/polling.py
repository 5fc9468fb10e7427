"""Defines when a merchant asks again: at fixed times, at growing ones, or by a provider's documented ladder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field, Strict

from ..contract.base.field_types import Duration, StrictModel

__all__ = ["AnyPolling", "ExponentialPolling", "FixedPolling", "LadderPolling"]

Unit = Callable[[int], float]
"""``unit(n)``: a number in [0, 1) for the nth wait, the same each time."""


class FixedPolling(StrictModel):
    """Asks at equal distances."""

    kind: Literal["fixed"] = Field(default="fixed", description="Equal distances.")
    first: Duration = Field(default=Duration("0s"), description="From the answer to the submit to the first query.")
    every: Duration = Field(description="From one query's answer to the next query.")

    def wait_ns(self, asked: int, unit: Unit) -> int:
        """How long to wait before the next query, after ``asked`` queries."""
        return self.every.ns if asked else self.first.ns


class ExponentialPolling(StrictModel):
    """Asks at growing distances, with jitter: a share of each wait is drawn anew, so that many merchants do not ask at
    once.
    """

    kind: Literal["exponential"] = Field(description="Growing distances.")
    first: Duration = Field(description="From the answer to the submit to the first query.")
    factor: Annotated[float, Strict(), Field(gt=1, le=10)] = Field(
        default=2.0, description="How many times longer each wait is than the one before it."
    )
    most: Duration = Field(description="The longest wait.")
    jitter: Annotated[float, Strict(), Field(ge=0, le=1)] = Field(
        default=0.5, description="The share of a wait that is drawn: 0.5 means from half of it to all of it."
    )

    def wait_ns(self, asked: int, unit: Unit) -> int:
        """How long to wait before the next query, after ``asked`` queries."""
        # The exponent is bounded: a large one would be no number before it is cut to ``most``.
        whole = min(self.most.ns, self.first.ns * self.factor ** min(asked, 64))
        return round(whole * (1 - self.jitter * unit(asked)))


class LadderPolling(StrictModel):
    """Asks after the listed waits, and then at the distance of the last one."""

    kind: Literal["ladder"] = Field(description="Listed distances.")
    waits: Annotated[tuple[Duration, ...], Field(min_length=1, max_length=32)] = Field(
        description="The wait before each query. The last one repeats."
    )

    def wait_ns(self, asked: int, unit: Unit) -> int:
        """How long to wait before the next query, after ``asked`` queries."""
        return self.waits[min(asked, len(self.waits) - 1)].ns


AnyPolling = Annotated[FixedPolling | ExponentialPolling | LadderPolling, Field(discriminator="kind")]
