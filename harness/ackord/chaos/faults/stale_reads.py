"""Reads of single orders from a replica that lags by another time for each order."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from ...contract.base.field_types import field_problem
from ...core.clock import MS
from .base import register
from .edge import EdgeFault
from .edge_actions import ReplaceAnswer
from .edge_views import AnswerView

__all__ = ["StaleReads"]

Lag = Annotated[float, Strict(), Field(ge=0, le=600_000)]


@register
class StaleReads(EdgeFault):
    """A query is answered as by a replica that lags behind: an order that was acknowledged within the lag is not found,
    and another one shows the status that it had then. Each order has a lag of its own. Where answers are signed, the
    order is never missing, and its earlier answers are given.
    """

    subject: ClassVar[str] = "integration"
    queries_only: ClassVar[bool] = True
    needs_history: ClassVar[bool] = True

    fault: Literal["stale-reads"] = Field(description="The fault's name.")
    least_ms: Lag = Field(default=50, description="The least lag of an order, in milliseconds.")
    most_ms: Lag = Field(default=2000, description="The greatest lag of an order, in milliseconds.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_ms > self.most_ms:
            raise field_problem("least_ms", f"{self.least_ms:g} is over most_ms", expected=f"at most {self.most_ms:g}")
        return self

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer | None:
        lag_ms = answer.of_order(self.least_ms, self.most_ms, "stale-reads")
        return as_of(answer, answer.now_ns - round(lag_ms * MS), lag_ms=round(lag_ms, 3))


def as_of(answer: AnswerView, moment_ns: int, **detail: object) -> ReplaceAnswer | None:
    """Return the order as it was at ``moment_ns``: not there yet, or by the newest answer that is that old.

    ``None``: it reads then as it does now, or nobody can tell how it read.
    """
    if answer.status >= 300:
        return None
    acknowledged_ns = answer.acknowledged_ns()
    if acknowledged_ns is not None and acknowledged_ns > moment_ns:
        missing = answer.not_found()
        if missing is not None:
            return ReplaceAnswer(missing, detail={"status": missing.status, "not_found": True, **detail})
    past = answer.earlier(None, max(0, answer.now_ns - moment_ns))
    if past is None or (past.status, past.body) == (answer.status, answer.body):
        return None
    age_ms = round((answer.now_ns - past.at_ns) / MS, 3)
    return ReplaceAnswer(past, detail={"status": past.status, "age_ms": age_ms, **detail})
