"""Define a run's budgets against a provider: time, rate, orders and amounts."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from ...core.amount_range import AmountRange
from ..base.field_types import Count, Duration, StrictModel, field_problem

__all__ = ["Limits"]

_USUAL_LEAST_MINOR = 100
"""Sandboxes commonly refuse less than half a unit of their currency."""
_AMOUNT_LIMITS = ("amount_step_minor", "min_amount_minor", "amount_minor")


class Limits(StrictModel):
    """Budgets of every run against this provider; they are always on."""

    answer_bytes: Annotated[int, Strict(), Field(ge=1024, le=1 << 26)] = Field(
        default=1 << 20, description="An answer is read up to here, then cut."
    )
    timeout: Duration = Field(default=Duration("2s"), description="How long a client waits for an answer.")
    callback_timeout: Duration = Field(
        default=Duration("5s"), description="How long the result of a query that was DEFERRED is waited for."
    )
    rate_per_s: Count | None = Field(default=None, description="Most requests a second; left out: no limit.")
    query_window: Duration | None = Field(
        default=None, description="How long an order can be asked for; then it is not found because it aged out."
    )
    orders: Count = Field(
        default=20_000,
        description="Most orders of one run, of all its profiles together; where Ackord starts the provider, of each "
        "profile. The same number of another account is an order too, and so is another payload where "
        "`on_other_payload` is `new_movement`.",
    )
    amount_minor: Count = Field(
        default=5_000, description="Largest amount of one request, altered payloads included, in minor units."
    )
    min_amount_minor: Count | None = Field(
        default=None,
        description="Least amount of one request, in minor units; left out: 100, or 1 where the largest is below 200.",
    )
    amount_step_minor: Count = Field(
        default=1, description="Every amount is a multiple of this: `100` for whole units of a currency with cents."
    )

    @model_validator(mode="after")
    def _leave_amounts(self) -> Self:
        try:
            self.amounts()
        except ValueError as why:
            given = [name for name in _AMOUNT_LIMITS if name in self.model_fields_set]
            raise field_problem(
                given[0] if given else "amount_minor", str(why), expected="limits that leave at least two amounts"
            ) from None
        return self

    def amounts(self) -> AmountRange:
        """Return the amounts that a run may submit."""
        least = self.min_amount_minor
        if least is None:
            least = _USUAL_LEAST_MINOR if self.amount_minor >= 2 * _USUAL_LEAST_MINOR else 1
        return AmountRange(least, self.amount_minor, self.amount_step_minor)
