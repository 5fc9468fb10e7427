"""A failover to a replica that had not caught up, until the old primary is back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from ...contract.base.field_types import field_problem
from ...core.clock import MS
from .base import register
from .edge import EdgeFault
from .edge_actions import ReplaceAnswer
from .edge_views import AnswerView
from .stale_reads import as_of

__all__ = ["StaleAfterFailover"]

Span = Annotated[float, Strict(), Field(ge=1, le=600_000)]


@register
class StaleAfterFailover(EdgeFault):
    """As soon as an order is acknowledged the primary fails, and for `outage_ms` queries are answered as a replica knew
    the orders `behind_ms` before: those acknowledged since are gone, and are there again when the old primary is back.
    Orders that the new primary took are there. It comes again with the first order acknowledged after `apart_ms`. Where
    answers are signed, no order is gone, and its earlier answers are given.
    """

    subject: ClassVar[str] = "integration"
    queries_only: ClassVar[bool] = True
    needs_history: ClassVar[bool] = True

    fault: Literal["stale-after-failover"] = Field(description="The fault's name.")
    behind_ms: Span = Field(default=1000, description="How far the replica was behind, in milliseconds.")
    outage_ms: Span = Field(default=900, description="How long the old primary is away, in milliseconds.")
    apart_ms: Span = Field(
        default=1500, description="From the begin of one failover to the next at least, in milliseconds."
    )

    @model_validator(mode="after")
    def _ends_before_it_comes_again(self) -> Self:
        if self.apart_ms < self.outage_ms:
            raise field_problem(
                "apart_ms", f"{self.apart_ms:g} is under outage_ms", expected=f"{self.outage_ms:g} or more"
            )
        return self

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer | None:
        began_ns = self._began_ns(answer)
        if began_ns is None or answer.now_ns - began_ns >= self.outage_ms * MS:
            return None
        acknowledged_ns = answer.acknowledged_ns()
        if acknowledged_ns is not None and acknowledged_ns > began_ns:
            return None  # the new primary took it
        return as_of(answer, began_ns - round(self.behind_ms * MS), behind_ms=self.behind_ms)

    def _began_ns(self, answer: AnswerView) -> int | None:
        """When the last failover was; ``None``: there was none yet."""
        began_ns = None
        following_ns = answer.next_acknowledgement_ns(0)
        while following_ns is not None:
            began_ns = following_ns
            following_ns = answer.next_acknowledgement_ns(began_ns + round(self.apart_ms * MS))
        return began_ns
