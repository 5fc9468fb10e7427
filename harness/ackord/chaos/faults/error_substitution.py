"""Errors that some box on the way answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault

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
        description="`cdn`: a page of HTML instead, as a content delivery network answers 502, 503 or 504.",
    )
    forward: Annotated[bool, Strict()] = Field(
        default=False, description="Whether the provider gets the request all the same."
    )
    retry_after_s: Annotated[int, Strict(), Field(ge=0, le=86_400)] | None = Field(
        default=None, description="Sent as `Retry-After`, in seconds; left out: it is not sent."
    )
