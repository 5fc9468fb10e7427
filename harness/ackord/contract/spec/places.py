"""Define places in an answer and conditions on what stands there, as a contract writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from ..base.field_types import StrictModel, field_problem
from ..base.patterns import compile_pattern
from ..body import ENCODINGS, JSON, Encoding, encoding_at
from ..body.selectors import Selector, compile_selector

__all__ = [
    "Conditions",
    "RegexSelector",
    "RowPlace",
    "RowsPlace",
    "SelectorField",
    "as_selector",
    "check_row_places",
    "form_of_rows",
    "place_text",
]


_STATUS_CLASS = re.compile(r"[1-5]xx\Z")
_PLACE = f"^({'|'.join(dict.fromkeys(re.escape(encoding.place[0]) for encoding in ENCODINGS))}|header\\.)"


def place_text(at: str) -> str:
    compile_selector(at)
    return at


class RegexSelector(StrictModel):
    """A part of what stands at a place."""

    at: Annotated[str, AfterValidator(place_text)] = Field(alias="from", description="The place.")
    regex: str = Field(description="A regular expression: its first group, or all that it matches, is the value.")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        try:
            compile_selector(Selector(self.at, self.regex))
        except ValueError as error:
            raise field_problem("regex", str(error)) from None
        return self


SelectorField = Annotated[
    Annotated[str, AfterValidator(place_text), Field(json_schema_extra={"pattern": _PLACE}), Tag("text")]
    | Annotated[RegexSelector, Tag("part")],
    Discriminator(lambda value: "text" if isinstance(value, str) else "part"),
]
"""Where a fact stands: see ``places``."""


def as_selector(field: str | RegexSelector) -> Selector:
    return Selector(field) if isinstance(field, str) else Selector(field.at, field.regex)


def _matcher(value: Any) -> Any:
    if isinstance(value, dict):
        way = next(iter(value), "")
        others = set(value) - {way} - ({"example"} if way == "regex" else set())
        if way not in ("exists", "regex", "empty") or others:
            raise ValueError(
                "expected a value, a list of values, {exists: true}, {exists: false}, {empty: true} or {regex: ...}"
            )
        if way != "regex" and type(value[way]) is not bool:
            raise ValueError(f"expected {{{way}: true}} or {{{way}: false}}")
        if way == "regex":
            if not isinstance(value["regex"], str):
                raise ValueError("expected a regular expression, which is text")
            search = compile_pattern(value["regex"])
            if "example" in value and not (isinstance(value["example"], str) and search(value["example"])):
                raise ValueError("expected an example that the regular expression matches")
    elif isinstance(value, list) and not (value and all(v is None or isinstance(v, str | int | float) for v in value)):
        raise ValueError("expected a list of plain values, with at least one")
    return value


def _when_key(key: str) -> str:
    if key != "status":
        try:
            compile_selector(key)
        except ValueError as error:
            raise ValueError(
                f"expected status, a place in the answer such as $.code, or header.NAME ({error})"
            ) from None
    return key


_PLAIN = {"type": ["string", "number", "boolean", "null"]}


def _way(name: str, kind: str, **more: Any) -> dict[str, Any]:
    properties = {name: {"type": kind}, **more}
    return {"type": "object", "properties": properties, "required": [name], "additionalProperties": False}


ExpectedValue = Annotated[
    Any,
    AfterValidator(_matcher),
    WithJsonSchema(
        {
            "anyOf": [
                _PLAIN,
                {"type": "array", "items": _PLAIN, "minItems": 1},
                _way("exists", "boolean"),
                _way("empty", "boolean"),
                _way("regex", "string", example={"type": "string"}),
            ]
        }
    ),
]


def _known_statuses(when: dict[str, Any]) -> dict[str, Any]:
    codes = when.get("status", 200)
    for code in codes if isinstance(codes, list) else [codes]:
        known = _STATUS_CLASS.match(code) if isinstance(code, str) else type(code) is int and 100 <= code <= 599
        if not known:
            raise field_problem(
                "status",
                f"{code!r} is no HTTP status",
                expected="a code such as 404, a list of codes, or a class such as 5xx",
            )
    return when


ConditionKey = Annotated[str, AfterValidator(_when_key)]
Conditions = Annotated[dict[ConditionKey, ExpectedValue], Field(min_length=1), AfterValidator(_known_statuses)]


def _body_place(at: str) -> str:
    """A place in a body, of whatever encoding."""
    encoding = encoding_at(at)
    if encoding is None:
        places = " or ".join(dict.fromkeys(e.place for e in ENCODINGS if encoding_at(e.place) is e))
        raise ValueError(f"{at!r} is not a place in a body: expected {places}")
    encoding.getter(at)
    return at


def _rows_place(at: str) -> str:
    form_of_rows(_body_place(at)).rows_getter(at)
    return at


RowPlace = Annotated[str, AfterValidator(_body_place), Field(json_schema_extra={"pattern": r"^[$/]"})]
"""A place in a row: ``$.id``, or ``/row/id`` where the rows are elements of XML."""
RowsPlace = Annotated[str, AfterValidator(_rows_place), Field(json_schema_extra={"pattern": r"^[$/]"})]
"""A list of rows: ``$.data``, or ``/list/row`` for all elements of that name."""


def form_of_rows(at: str) -> Encoding:
    """Return the encoding of the answers in which a list of rows is at such a place."""
    return encoding_at(at) or JSON


def check_row_places(rows: str, field: str, places: Mapping[str, str | None]) -> None:
    """Raise a field's problem for a place that is none in the rows at ``rows``."""
    form = form_of_rows(rows)
    for name, at in places.items():
        if at is None:
            continue
        try:
            if encoding_at(at) not in (None, form):
                raise ValueError(f"{at!r} is no place in a row of {form.shown}")
            form.row_getter(at, rows)
        except ValueError as error:
            raise field_problem(field, f"{name}: {error}") from None
