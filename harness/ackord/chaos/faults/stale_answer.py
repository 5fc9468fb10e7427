"""Answers from the past."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from ...contract.base.field_types import field_problem
from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .edge import EdgeFault
from .edge_actions import ReplaceAnswer, response_of
from .edge_views import AnswerView

__all__ = ["StaleAnswer"]


@register
class StaleAnswer(EdgeFault):
    """A query is given an earlier answer to the same order and path instead of the provider's present one. The gateway
    makes it, the provider never said it.
    """

    subject: ClassVar[str] = "integration"
    queries_only: ClassVar[bool] = True
    needs_history: ClassVar[bool] = True

    fault: Literal["stale-answer"] = Field(description="The fault's name.")
    behind: Annotated[int, Strict(), Field(ge=1, le=64)] | None = Field(
        default=None, description="How many answers ago it was given. Left out, and `lag_ms` too: 1."
    )
    lag_ms: Milliseconds | None = Field(
        default=None, description="How far behind it is in time, as a replica with that lag would be, in milliseconds."
    )
    not_found: Annotated[bool, Strict()] = Field(
        default=False,
        description="Instead, the order is not there until `lag_ms` after its submit was answered with 2xx.",
    )
    status: Annotated[int, Strict(), Field(ge=200, le=599)] | None = Field(
        default=None, description="With `not_found`: the status of the answer. Left out: the provider's, or 404."
    )
    body: str | dict[str, Any] | None = Field(
        default=None,
        json_schema_extra={"x-shown-as": "text or a mapping"},
        description="With `not_found`: the body; text as it is, a mapping as JSON. Left out: what the provider says "
        'of an order that nobody submitted, or `{"code": "ORDER_NOT_FOUND"}` where the gateway knows no contract.',
    )

    @model_validator(mode="after")
    def _one_way_of_being_stale(self) -> Self:
        if self.behind is not None and (self.lag_ms is not None or self.not_found):
            raise field_problem("behind", "it goes with neither lag_ms nor not_found", expected="one of them")
        if self.not_found and self.lag_ms is None:
            raise field_problem("not_found", "it does not say how long", expected="lag_ms as well")
        return self

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer | None:
        lag_ns = None if self.lag_ms is None else round(drawn_number(self.lag_ms) * MS)
        if self.not_found:
            if answer.status >= 300 or not answer.is_hidden(lag_ns or 0):
                return None
            response = answer.not_found() if self.body is None else response_of(self.status or 404, self.body)
            if response is None:
                return None
            if self.status is not None:
                response = response._replace(status=self.status)
            return ReplaceAnswer(response, detail={"status": response.status, "not_found": True})
        past = answer.earlier(self.behind, lag_ns)
        if past is None or (past.status, past.body) == (answer.status, answer.body):
            return None
        return ReplaceAnswer(
            past, detail={"status": past.status, "age_ms": round((answer.now_ns - past.at_ns) / MS, 3)}
        )
