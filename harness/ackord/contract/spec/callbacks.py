"""Define a provider's callbacks: their address, what they say of an order, and the merchant's response."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ...core.operation import Observation
from ..base.field_types import Flag, JsonPath, Name, StrictModel, field_problem
from .body_formats import Format
from .operations import Extract, ResponseRule
from .requests import PathText

__all__ = ["Callback", "CallbackReply"]


class CallbackReply(StrictModel):
    """What a callback is answered; anything else makes the provider send it again."""

    status: int = Field(default=200, ge=200, le=299, description="The status code.")
    body: str = Field(default="", description='The body, such as "success".')
    content_type: str = Field(default="text/plain", description="Its type.")


class Callback(StrictModel):
    """A call that comes from the provider. Its rules read it as they read an answer; `status` is not a place in it."""

    name: Name = Field(description="Its name, in messages.")
    method: Literal["POST", "PUT", "PATCH"] = Field(default="POST", description="The HTTP method.")
    path: PathText = Field(
        description="The path below the callback address that the provider was told (`${callback_url}` in a request); "
        "may hold `${order_no}` or `${provider_id}`."
    )
    format: Format = "json"
    rows: JsonPath | None = Field(
        default=None,
        description="The list of events in it, where one call may carry several: `$.notificationItems`. Each is read "
        "by itself, and `$row` is the event.",
    )
    answers: list[ResponseRule] = Field(min_length=1, description="How it is read; the first rule that matches wins.")
    extract: Extract = Field(default=Extract(), description="Where the facts stand in it.")
    ends_query: Flag = Field(
        default=False,
        description="It is what a query waits for that was answered DEFERRED.",
    )
    announces: Flag = Field(
        default=True,
        description="It also comes by itself, whenever a status changes. What ends a query then cannot be told from "
        "news that is late, so nothing is made of one that shows less than another showed before.",
    )
    reply: CallbackReply = Field(default=CallbackReply(), description="What it is answered.")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if any("status" in rule.when for rule in self.answers):
            raise field_problem("answers", "a call has no status code", expected="conditions on its body and headers")
        names = (
            "${order_no}" in self.path
            or "${provider_id}" in self.path
            or any(
                extract is not None and (extract.order_no is not None or extract.provider_id is not None)
                for extract in (self.extract, *(rule.extract for rule in self.answers))
            )
        )
        if not names:
            raise field_problem(
                "extract",
                "nothing says which order it is about",
                expected="order_no or provider_id, here or in the path",
            )
        if any(rule.observation not in (Observation.STATUS, Observation.NOT_FOUND) for rule in self.answers):
            raise field_problem(
                "answers", "a call shows an order or says that there is none", expected="STATUS or NOT_FOUND"
            )
        return self
