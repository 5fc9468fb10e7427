"""Errors that some box on the way answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault
from .edge_actions import AnswerInstead, response_of
from .edge_views import KeyedRandom, RequestView
from .error_pages import error_page

__all__ = ["ErrorSubstitution"]


@register
class ErrorSubstitution(EdgeFault):
    """The merchant gets an error that the provider did not say, as from a load balancer; the request may have reached
    the provider all the same.
    """

    fault: Literal["error-substitution"] = Field(description="The fault's name.")
    status: Annotated[int, Strict(), Field(ge=200, le=599)] = Field(
        default=503, description="The HTTP status of the answer."
    )
    code: str = Field(default="BUSY", description='The code in the answer\'s body: `{"code": ...}`.')
    body: str | None = Field(default=None, description="The whole body instead; what begins with `<` is sent as HTML.")
    page: Literal["cdn"] | None = Field(
        default=None,
        description="`cdn`: a page of HTML instead, as a content delivery network answers 502, 503 or 504, or a box "
        "that has no such route 404.",
    )
    forward: Annotated[bool, Strict()] = Field(
        default=False, description="Whether the provider gets the request all the same."
    )
    retry_after_s: Annotated[int, Strict(), Field(ge=0, le=86_400)] | None = Field(
        default=None, description="Sent as `Retry-After`, in seconds; left out: it is not sent."
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[AnswerInstead] | None:
        body: Any = {"code": self.code} if self.body is None else self.body
        if self.page is not None:
            body = error_page(self.status)
        made = response_of(self.status, body)
        if self.retry_after_s is not None:
            made = made._replace(headers=(*made.headers, ("retry-after", str(self.retry_after_s))))
        return [AnswerInstead(made, self.forward, detail={"status": self.status, "forward": self.forward})]
