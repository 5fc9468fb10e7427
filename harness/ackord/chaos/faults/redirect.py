"""Answers that send the merchant elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field, Strict

from .base import register
from .edge import EdgeFault
from .edge_actions import AnswerInstead, SyntheticResponse
from .edge_views import KeyedRandom, RequestView

__all__ = ["Redirect", "is_redirected"]

_MARK = "ackord-redirected=1"
"""Marks, in the query, a request that follows the gateway's redirect, so that it is not redirected again."""
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
"""Characters that a location keeps unescaped. Any other, such as a line end, could inject a second answer."""


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

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[AnswerInstead] | None:
        if is_redirected(request.target):
            return None
        # A target is bytes read as Latin-1; a location was written by people.
        location = (
            quote(_marked(request.target), _VISIBLE, "latin-1")
            if self.location is None
            else quote(self.location, _VISIBLE)
        )
        headers = (("location", location), ("content-type", "application/json"))
        response = SyntheticResponse(self.status, headers, b'{"code":"MOVED"}')
        return [AnswerInstead(response, self.forward, detail={"status": self.status, "forward": self.forward})]


def is_redirected(target: str) -> bool:
    """Return whether a request follows a redirect of the gateway."""
    return _MARK in target.partition("?")[2].split("&")


def _marked(target: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{_MARK}"
