"""One request, delivered more than once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from ...core.clock import MS
from .base import Milliseconds, drawn_number, register
from .edge import EdgeFault
from .edge_actions import SendCopies
from .edge_views import KeyedRandom, RequestView

__all__ = ["DuplicateDelivery"]


@register
class DuplicateDelivery(EdgeFault):
    """The provider gets the same request again, as a retrying proxy or a replayed queue would send it; the merchant
    sees the first answer only.
    """

    composable: ClassVar[bool] = True

    fault: Literal["duplicate-delivery"] = Field(description="The fault's name.")
    copies: Annotated[int, Strict(), Field(ge=1, le=16)] = Field(default=1, description="Further copies.")
    delay_ms: Milliseconds = Field(
        default=0,
        description="How long each copy follows the one before it, the first the request (or its answer, see "
        "`when`), in milliseconds; 0: all at once.",
    )
    when: Literal["after-request", "after-answer"] = Field(
        default="after-request",
        description="What the copies are counted from; `after-answer` with a long delay: after the order has reached "
        "its end.",
    )

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[SendCopies] | None:
        return [SendCopies(self.copies, round(drawn_number(self.delay_ms) * MS), self.when)]
