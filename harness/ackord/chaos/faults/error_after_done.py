"""Errors after the work was done."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault
from .edge_actions import ReplaceAnswer, response_of
from .edge_views import AnswerView
from .error_pages import error_page

__all__ = ["ErrorAfterDone"]


@register
class ErrorAfterDone(EdgeFault):
    """The provider did what it was asked for and said so; the merchant gets an error of the server's kind instead. An
    answer that is an error anyway passes.
    """

    subject: ClassVar[str] = "integration"

    fault: Literal["error-after-done"] = Field(description="The fault's name.")
    status: Annotated[int, Strict(), Field(ge=500, le=599)] = Field(
        default=500, description="The HTTP status of the answer."
    )
    body: str | None = Field(
        default=None,
        description="The body; what begins with `<` is sent as HTML. Left out: a page of HTML, as a load balancer has.",
    )

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer | None:
        if answer.status >= 300:
            return None
        made = response_of(self.status, error_page(self.status) if self.body is None else self.body)
        return ReplaceAnswer(made, detail={"status": self.status, "instead_of": answer.status})
