"""Define a contract's other sections: batches, timing, and the source of each fact."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..base.field_types import Count, Duration, StrictModel

__all__ = ["Batch", "FactSource", "Timing"]


class Batch(StrictModel):
    """Requests that carry several orders. Ackord sends batches of one."""

    most: Count = Field(description="Most orders in a request.")
    identity: Literal["batch", "item", "both"] = Field(
        description="Whose number is remembered: the batch's, each item's, or both."
    )


class Timing(StrictModel):
    """The time of every hop, as the documentation promises it. `contract explain` checks that they fit together."""

    merchant_waits: Duration | None = Field(
        default=None, description="How long the documentation tells a merchant to wait for an answer."
    )
    provider_answers_within: Duration | None = Field(
        default=None, description="After which the provider itself answers, if only with an error."
    )
    query_after: Duration | None = Field(default=None, description="How long to wait before the first query.")
    query_for: Duration | None = Field(default=None, description="How long to go on asking before giving up.")
    retry_for: Duration | None = Field(
        default=None, description="How long a merchant may go on resubmitting under the same number."
    )
    settles_within: Duration | None = Field(default=None, description="Until an ordinary payment is through.")
    channel_answers_within: Duration | None = Field(
        default=None, description="How long the provider waits for its own bank or network to answer."
    )
    channel_inquires_after: Duration | None = Field(
        default=None, description="When the provider asks its bank what became of a payment that was not answered."
    )
    channel_decides_within: Duration | None = Field(
        default=None, description="By when the bank has decided at the latest, also about what was not answered."
    )
    callback_within: Duration | None = Field(default=None, description="Until a callback is sent.")
    callback_retries_for: Duration | None = Field(default=None, description="How long callbacks are repeated.")


class FactSource(StrictModel):
    """Where facts were read."""

    at: str = Field(min_length=1, description="The page, specification or file.")
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] = Field(description="When it was read: `2026-11`.")
    note: str = Field(default="", description="What to know of it: an old copy, a forum's answer.")
