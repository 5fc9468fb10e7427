"""Connections that the server closes while they are idle."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Literal

from pydantic import Field

from .base import register
from .edge import EdgeFault
from .edge_actions import CloseConnection
from .edge_views import KeyedRandom, RequestView

__all__ = ["ConnectionClosed"]


@register
class ConnectionClosed(EdgeFault):
    """A connection that was to be kept is gone after the answer, without `Connection: close`: the merchant's next
    request on it fails and never arrives.
    """

    composable: ClassVar[bool] = True

    fault: Literal["connection-closed"] = Field(description="The fault's name.")
    when: Literal["after-answer", "next-request"] = Field(
        default="after-answer",
        description="`after-answer`: closed at once, which a careful client notices; `next-request`: it breaks as "
        "the next request comes, which no client can foresee.",
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[CloseConnection] | None:
        return [CloseConnection(self.when, detail={"when": self.when})]
