"""Answers that send the merchant elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault

__all__ = ["Redirect"]


@register
class Redirect(EdgeFault):
    """The merchant is redirected although the provider has done the work: a client that follows a 307 or 308 submits a
    second time.
    """

    fault: Literal["redirect"] = Field(description="The fault's name.")
    status: Literal[301, 302, 303, 307, 308] = Field(
        default=307, description="With 307 and 308 a client repeats method and body, with the others it asks by GET."
    )
    location: str | None = Field(
        default=None,
        description="Where to. Left out: the same path with `ackord-redirected=1` in its query, which passes when "
        "the client follows.",
    )
    forward: Annotated[bool, Strict()] = Field(default=True, description="Whether the provider gets the request.")
