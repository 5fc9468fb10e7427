"""Define the operations of a contract: what is sent, and how responses are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ...core.operation import Observation
from ..base.field_types import Flag, JsonPath, Name, StrictModel, field_problem
from ..base.variables import REFUND_AMOUNTS, REFUND_NUMBERS
from ..body.selectors import Selector, compile_selector
from .body_formats import Format
from .places import Conditions, SelectorField, as_selector, place_text
from .requests import RequestSpec

__all__ = [
    "CancelSpec",
    "Extract",
    "KnownState",
    "OperationSpec",
    "PrerequisiteSpec",
    "QuerySpec",
    "RefundSpec",
    "ResponseRule",
    "RowOrder",
    "SubmitSpec",
]

KnownState = Literal["RECEIVED", "PROCESSING", "SUCCEEDED", "FAILED", "CANCELLED", "DECLINED", "RETURNED", "UNKNOWN"]


class Extract(StrictModel):
    """Where the facts stand in an answer; what is left out is not read."""

    provider_id: SelectorField | None = Field(default=None, description="The provider's own identifier of the order.")
    order_no: SelectorField | None = Field(
        default=None,
        description="The merchant's order number, given back. An answer that names another order's is UNREADABLE.",
    )
    state: SelectorField | None = Field(
        default=None, description="The order's status, in the provider's words (see `states`)."
    )
    amount_minor: SelectorField | None = Field(
        default=None, description="The order's amount, a whole number of minor units (1999)."
    )
    amount_major: SelectorField | None = Field(
        default=None, description='The order\'s amount in major units, as text or as a number ("19.99").'
    )
    currency: SelectorField | None = Field(
        default=None, description="The order's currency, an ISO 4217 code; capital or small letters."
    )
    payee: SelectorField | None = Field(
        default=None, description="Who is paid, exactly as `${payee}` was sent (a `regex` may cut it out)."
    )
    code: SelectorField | None = Field(
        default=None, description="The code of an error; it is shown to people, nothing is decided by it."
    )

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if self.amount_minor is not None and self.amount_major is not None:
            raise field_problem("amount_major", "the amount is read from amount_minor already", expected="one of them")
        return self

    def places(self) -> dict[str, Selector]:
        """The places that are given, by the fact's name."""
        return {name: as_selector(at) for name in type(self).model_fields if (at := getattr(self, name)) is not None}


class ResponseRule(StrictModel):
    """One reading of an answer. An answer that no rule matches is UNREADABLE: it proves nothing."""

    renamed: ClassVar[Mapping[str, str]] = {"is": "observation"}

    when: Conditions = Field(
        json_schema_extra={"x-shown-as": "mapping of places to conditions"},
        description="All of these hold: `status` (a code, a list, `5xx`) and any places (`$.code`, `$row`, "
        "`/xml/code`, `header.NAME`), each with a value, "
        "a list of values, `{exists: true}` (there, and not null), `{empty: true}` (absent, null, or nothing in it) "
        "or `{regex: ..., example: ...}`.",
    )
    observation: Observation = Field(description="What such an answer says.")
    format: Literal["text"] | None = Field(
        default=None,
        description="`text`: such an answer is plain text, where the others are not. `$` is the whole text. It is "
        "tried after the others, and needs a condition on a header or on the text: a proxy's answers are text, too.",
    )
    state: KnownState | None = Field(
        default=None,
        description="The state that such an answer shows, where no single word tells it but the conditions together "
        "do.",
    )
    extract: Extract | None = Field(
        default=None, description="Facts that stand elsewhere in such an answer than in others."
    )
    definite: Flag | None = Field(
        default=None,
        description="Whether such an answer to a write proves that nothing happened. By default REJECTED and CONFLICT "
        "do, and RETRYABLE does not.",
    )
    example: Any = Field(
        default=None,
        description="The rest of such an answer's body, for the emulator: what clients expect that no condition names.",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.definite is not None and self.observation not in _MAY_BE_DEFINITE:
            raise field_problem(
                "definite",
                f"it means nothing for {self.observation}",
                expected="only REJECTED, CONFLICT and RETRYABLE have it",
            )
        if self.format == "text" and not any(at == "$" or at.startswith("header.") for at in self.when):
            raise field_problem(
                "when",
                "plain text with this status may come from any server on the way",
                expected="a condition on a header or on the text: $: {regex: no such order}",
            )
        if self.state is not None and self.observation in WITHOUT_STATE:
            raise field_problem("state", f"an answer that is {self.observation} shows no state")
        return self


_MAY_BE_DEFINITE = (Observation.REJECTED, Observation.CONFLICT, Observation.RETRYABLE)
WITHOUT_STATE = frozenset(
    {
        Observation.NOT_FOUND,
        Observation.REJECTED,
        Observation.RETRYABLE,
        Observation.UNREADABLE,
        Observation.DEFERRED,
    }
)
"""Observations that tell no status."""


class OperationSpec(StrictModel):
    """What submits, queries, cancels and refunds have in common."""

    request: RequestSpec = Field(description="What is sent.")
    format: Format = "json"
    answers: list[ResponseRule] = Field(description="How answers are read; the first rule that matches wins.")
    extract: Extract = Field(default=Extract(), description="Where the facts stand in an answer.")

    def speaks_of(self, variable: str) -> bool:
        """Whether the request's templates hold a variable."""
        return self.request.speaks_of(variable)

    def _must_read(self, *observations: Observation) -> None:
        for observation in observations:
            if not any(rule.observation is observation for rule in self.answers):
                raise field_problem(
                    "answers",
                    f"no rule reads an answer as {observation}, so that could never be observed",
                    expected=f"a rule with observation: {observation}",
                )


class SubmitSpec(OperationSpec):
    """Submitting an order; a resubmission is the same request once more."""

    replay_marker: Conditions | None = Field(
        default=None,
        json_schema_extra={"x-shown-as": "mapping of places to conditions"},
        description="What marks an answer that was given before, such as `{header.idempotent-replayed: 'true'}`. It "
        "is shown, nothing is decided by it.",
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self._must_read(Observation.ACK)
        return self


class RowOrder(StrictModel):
    """The record that counts, by a place in it."""

    largest: Annotated[str, AfterValidator(place_text), Field(pattern=r"^\$row[.\[]")] = Field(
        description="A place in a row, such as `$row.version` or `$row.created_at`."
    )


class QuerySpec(OperationSpec):
    """A query of one order's status.

    It asks by the merchant's number, by `${provider_id}` (known only after an acknowledgement), or for a list (`rows`).
    """

    renamed: ClassVar[Mapping[str, str]] = {"ours": "match"}

    rows: JsonPath | None = Field(
        default=None,
        description="The list of orders in an answer, where a query answers with one. `$row` is then the one that is "
        "ours: absent if none is.",
    )
    match: dict[str, str] = Field(
        default={},
        description="Which row is ours: places in a row (`$row.reference`) and what stands there (`${order_no}` or "
        "`${provider_id}`). Left out: the first row.",
    )

    pick: Literal["first", "last"] | RowOrder = Field(
        default="first",
        description="Which record counts where several are ours: the `first`, the `last`, or the one with the largest "
        "value at a place of a row, `{largest: $row.version}` (numbers as numbers, times and other texts as text).",
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        # A provider that answers by callback says so with DEFERRED; what the callback says is read by its own rules.
        if not any(rule.observation is Observation.DEFERRED for rule in self.answers):
            self._must_read(Observation.STATUS, Observation.NOT_FOUND)
        if self.pick != "first" and self.rows is None:
            raise field_problem("pick", "there are no rows to choose from", expected="rows: $.data, or no pick")
        if self.match and self.rows is None:
            raise field_problem("match", "there are no rows to choose from", expected="rows: $.data, or no match")
        for at in self.match:
            try:
                compile_selector(at)
            except ValueError as error:
                raise field_problem("match", str(error)) from None
        return self


class CancelSpec(OperationSpec):
    """Taking an order back before it is paid; by the order's number or by the provider's identifier."""

    nothing_found: Conditions | None = Field(
        default=None,
        json_schema_extra={"x-shown-as": "mapping of places to conditions"},
        description="What is answered when there is nothing to cancel. Square answers with success, also for an order "
        "that arrives a moment later.",
    )


class RefundSpec(OperationSpec):
    """Giving money of a paid order back; what its answers show (identifier, state, amount) is the refund's."""

    @property
    def partial(self) -> bool:
        """Whether a part of the order's amount can be given back."""
        return any(map(self.speaks_of, REFUND_AMOUNTS))

    @property
    def numbered(self) -> bool:
        """Whether a refund has a number of its own, under which it can be sent again."""
        return any(map(self.speaks_of, REFUND_NUMBERS))

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self._must_read(Observation.ACK)
        return self


class PrerequisiteSpec(StrictModel):
    """A call that must precede a submit: a quote, a recipient, a consent.

    Its captured values are `${captured.NAME}` in later requests.
    """

    name: Name = Field(description="Its name, in messages.")
    per: Literal["order", "account"] = Field(
        default="account", description="Once for each account of a run, or once before each order's first submit."
    )
    request: RequestSpec = Field(description="What is sent.")
    format: Format = "json"
    succeeded: Conditions = Field(
        json_schema_extra={"x-shown-as": "mapping of places to conditions"},
        description="When it has succeeded; anything else stops the run, or leaves this order out.",
    )
    capture: dict[Name, SelectorField] = Field(
        default={}, description="What is kept of the answer: names and places. `${captured.NAME}` is its value later."
    )
