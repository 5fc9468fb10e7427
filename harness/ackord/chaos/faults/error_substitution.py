"""Errors that some box on the way answers."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault
from .edge_actions import AnswerInstead, response_of
from .edge_views import KeyedRandom, RequestView

__all__ = ["ErrorSubstitution"]


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{status} {phrase}</title></head>
<body>
<h1>{status} {phrase}</h1>
<p>The edge network could not get a valid answer from the origin server. Please try again in a few minutes.</p>
<hr>
<p>edge node ack-01 &middot; request 7d0f2c41</p>
</body>
</html>
"""


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
        description="`cdn`: a page of HTML instead, as a content delivery network answers 502, 503 or 504.",
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
            body = _PAGE.format(status=self.status, phrase=_phrase(self.status))
        made = response_of(self.status, body)
        if self.retry_after_s is not None:
            made = made._replace(headers=(*made.headers, ("retry-after", str(self.retry_after_s))))
        return [AnswerInstead(made, self.forward, detail={"status": self.status, "forward": self.forward})]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
