"""What a contract says beyond its operations: batches, statements, timing, levers of a sandbox, and where each fact was read."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .fields import Count, Duration, JsonPath, Part, field_problem
from .operations import KnownState, PlaceField
from .requests import Request

__all__ = ["Batch", "CsvFormat", "Lever", "Source", "Statement", "Timing"]


class Batch(Part):
    """Requests that carry several orders. Ackord sends batches of one."""

    most: Count = Field(description="Most orders in a request.")
    identity: Literal["batch", "item", "both"] = Field(
        description="Whose number is remembered: the batch's, each item's, or both."
    )


class CsvFormat(Part):
    """A table in text."""

    encoding: Literal["utf-8", "gbk", "latin-1"] = Field(default="utf-8", description="The text's encoding.")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = Field(default=",", description="Between cells.")
    quote: Annotated[str, Field(max_length=1)] = Field(default='"', description="Around cells; empty: never.")
    cell_prefix: str = Field(default="", description="What every cell begins with, such as WeChat's backtick.")
    head_rows: int = Field(default=1, ge=0, le=50, description="Rows above the first movement, the names included.")
    summary_rows: int = Field(default=0, ge=0, le=50, description="Rows below the last movement.")


class Statement(Part):
    """A bill: all movements of a period, as the provider states them later."""

    request: Request = Field(description="What is sent for one period or page; `${cursor}` is where a page begins.")
    rows: JsonPath | None = Field(default=None, description="The list of movements, where the statement is JSON.")
    csv: CsvFormat | None = Field(default=None, description="How the table is written, where it is text.")
    download: PlaceField | None = Field(
        default=None, description="The address of the file in the answer, where it is fetched in a second step."
    )
    compressed: Literal["gzip", "zip"] | None = Field(default=None, description="How the file is packed.")
    columns: dict[Literal["movement_id", "order_no", "provider_id", "account", "amount", "kind", "at"], str] = Field(
        min_length=1, description="Where each fact stands: a place in a row (`$.id`) or a column's name."
    )
    money: Literal["minor", "major"] = Field(
        default="minor", description="Units of its amounts, which need not be those of the API."
    )
    window: Literal["day", "half_open", "closed"] = Field(
        default="day",
        description="What a period is: a calendar day, or from an instant to another, the end left out or not.",
    )
    available_after: str | None = Field(
        default=None, description="When it is complete, in words: `next day 10:00 Asia/Shanghai`."
    )
    link_expires: Duration | None = Field(default=None, description="How long the file's address works.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.rows is None) == (self.csv is None):
            raise field_problem("rows", "a statement has one form", expected="rows (JSON) or csv")
        return self


class Timing(Part):
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
    callback_within: Duration | None = Field(default=None, description="Until a callback is sent.")
    callback_retries_for: Duration | None = Field(default=None, description="How long callbacks are repeated.")


class Lever(Part):
    """A value that makes the sandbox do something."""

    about: str = Field(min_length=1, description="What it does, in a sentence.")
    amount_minor: Count | None = Field(default=None, description="The amount that pulls it.")
    payee: str | None = Field(default=None, description="The payee that pulls it.")
    headers: dict[str, str] = Field(default={}, description="Headers that pull it.")
    leads_to: KnownState | None = Field(default=None, description="The state that the order ends in.")

    @model_validator(mode="after")
    def _pulled(self) -> Self:
        if self.amount_minor is None and self.payee is None and not self.headers:
            raise field_problem("about", "nothing pulls it", expected="amount_minor, payee or headers")
        return self


class Source(Part):
    """Where facts were read."""

    at: str = Field(min_length=1, description="The page, specification or file.")
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] = Field(description="When it was read: `2026-11`.")
    note: str = Field(default="", description="What to know of it: an old copy, a forum's answer.")
