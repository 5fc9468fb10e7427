"""The operations of a contract: what is sent, and how answers are read."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from ..core.operation import Observation
from .extract import compile_path
from .fields import Flag, HeaderName, JsonPath, Part, field_problem, header_name

__all__ = ["AnswerRule", "Extract", "Ledger", "LedgerExtract", "Query", "Request", "Submit"]

_STATUS_CLASS = re.compile(r"[1-5]xx\Z")


def _path(path: str) -> str:
    if not path.startswith("/") or re.search(r"[\s?#]", path):
        raise ValueError("expected a path that begins with /, without blanks, ? and #; parameters stand under query")
    return path


class Request(Part):
    """One request. Texts may hold variables: `${order_no}` and so on."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(description="The HTTP method.")
    path: Annotated[str, AfterValidator(_path)] = Field(
        description="The path below the base address; values in it are percent-encoded."
    )
    query: dict[str, str] = Field(
        default={},
        description="Parameters after `?`. One that is exactly one variable is left out while that has no value.",
    )
    headers: dict[HeaderName, str] = Field(
        default={}, description="Further headers, such as one that carries the idempotency key."
    )
    json_body: Any = Field(
        default=None,
        alias="json",
        description="A body in JSON. A text that is exactly one variable keeps the variable's type: `${amount.minor}` is a number.",
    )


def _matcher(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in ("exists", "regex"):
            raise ValueError("expected a value, a list of values, {exists: true}, {exists: false} or {regex: ...}")
        if "exists" in value and type(value["exists"]) is not bool:
            raise ValueError("expected {exists: true} or {exists: false}")
        if "regex" in value:
            try:
                re.compile(value["regex"])
            except (re.error, TypeError) as error:
                raise ValueError(f"expected a regular expression ({error})") from None
    elif isinstance(value, list) and not (value and all(v is None or isinstance(v, str | int | float) for v in value)):
        raise ValueError("expected a list of plain values, with at least one")
    return value


def _when_key(key: str) -> str:
    if key.startswith("header."):
        header_name(key.removeprefix("header."))
    elif key.startswith("$"):
        compile_path(key)
    elif key != "status":
        raise ValueError("expected status, a place in the answer such as $.code, or header.NAME")
    return key


_PLAIN = {"type": ["string", "number", "boolean", "null"]}
Matcher = Annotated[
    Any,
    AfterValidator(_matcher),
    WithJsonSchema(
        {
            "anyOf": [
                _PLAIN,
                {"type": "array", "items": _PLAIN, "minItems": 1},
                {
                    "type": "object",
                    "properties": {"exists": {"type": "boolean"}},
                    "required": ["exists"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"regex": {"type": "string"}},
                    "required": ["regex"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
WhenKey = Annotated[str, AfterValidator(_when_key)]


class AnswerRule(Part):
    """One reading of an answer. An answer that no rule matches is UNREADABLE: it proves nothing."""

    when: dict[WhenKey, Matcher] = Field(
        min_length=1,
        json_schema_extra={"x-shown-as": "mapping of places to conditions"},
        description="All of these hold: `status` (a code, a list, `5xx`), a place in the body (`$.code`) or a header (`header.NAME`), each with a value, "
        "a list of values, `{exists: true}` (there, and not null) or `{regex: ...}`.",
    )
    observation: Observation = Field(alias="is", description="What such an answer says.")
    definite: Flag | None = Field(
        default=None,
        description="Whether such an answer to a write proves that nothing happened. By default REJECTED and CONFLICT do, and RETRYABLE does not.",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        codes = self.when.get("status", 200)
        for code in codes if isinstance(codes, list) else [codes]:
            known = _STATUS_CLASS.match(code) if isinstance(code, str) else type(code) is int and 100 <= code <= 599
            if not known:
                raise field_problem(
                    "when",
                    f"{code!r} is no HTTP status",
                    expected="a code such as 404, a list of codes, or a class such as 5xx",
                )
        if self.definite is not None and self.observation not in _MAY_BE_DEFINITE:
            raise field_problem(
                "definite",
                f"it means nothing for {self.observation}",
                expected="only REJECTED, CONFLICT and RETRYABLE have it",
            )
        return self


_MAY_BE_DEFINITE = (Observation.REJECTED, Observation.CONFLICT, Observation.RETRYABLE)


class Extract(Part):
    """Where the facts stand in an answer; what is left out is not read."""

    provider_id: JsonPath | None = Field(default=None, description="The provider's own identifier of the order.")
    state: JsonPath | None = Field(
        default=None, description="The order's status, in the provider's words (see `states`)."
    )
    amount_minor: JsonPath | None = Field(
        default=None, description="The order's amount, a whole number of minor units."
    )
    code: JsonPath | None = Field(
        default=None, description="The code of an error; it is shown to people, nothing is decided by it."
    )


class _Operation(Part):
    request: Request = Field(description="What is sent.")
    answers: list[AnswerRule] = Field(description="How answers are read; the first rule that matches wins.")
    extract: Extract = Field(default=Extract(), description="Where the facts stand in an answer.")

    def _must_read(self, *observations: Observation) -> None:
        for observation in observations:
            if not any(rule.observation is observation for rule in self.answers):
                raise field_problem(
                    "answers",
                    f"no rule reads an answer as {observation}, so that could never be observed",
                    expected=f"a rule with is: {observation}",
                )


class Submit(_Operation):
    """Submitting an order; a resubmission is the same request once more."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self._must_read(Observation.ACK)
        return self


class Query(_Operation):
    """Asking for one order's status."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self._must_read(Observation.STATUS, Observation.NOT_FOUND)
        return self


class LedgerExtract(Part):
    """Where the facts stand in a row of the ledger."""

    movement_id: JsonPath = Field(description="The movement's own identifier.")
    order_no: JsonPath = Field(
        description="The merchant's order number; may be absent in a row that belongs to no order."
    )
    account: JsonPath | None = Field(
        default=None, description="The account's identifier at the provider; left out: the account that asks."
    )
    amount_minor: JsonPath = Field(description="The amount, a whole number of minor units.")
    kind: JsonPath | None = Field(
        default=None, description="The kind of movement (see `kinds`); left out: every row is a payout."
    )


class Ledger(Part):
    """Reading movements of money: the oracle of "one movement an order". Without it, that cannot be judged."""

    account: str | None = Field(default=None, description="The account that asks; by default the owner.")
    request: Request = Field(description="What is sent for one page; `${cursor}` is where it begins.")
    rows: JsonPath = Field(description="The list of movements in an answer.")
    next: JsonPath | None = Field(
        default=None,
        description="The cursor of the next page; absent, null or empty on the last. Left out: there is one page.",
    )
    extract: LedgerExtract = Field(description="Where the facts stand in a row.")
    kinds: dict[str, Literal["payout", "return"]] = Field(
        default={"payout": "payout", "return": "return"},
        description="The provider's kinds of movement: money left (`payout`) or came back (`return`). A kind that is not here makes the page unreadable.",
    )
