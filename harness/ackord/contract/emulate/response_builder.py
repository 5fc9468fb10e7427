"""Writes answers: from the facts to a body that the contract's own rules read as exactly those facts.

It inverts the contract's reader of answers. An answer begins with a rule's ``example``, gets the facts where the
contract extracts them, then the values that the rule's conditions need. The contract's reader then reads it, and it is
only used if the reading is as meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...core.operation import Observation
from ..base.body_parsing import UnwritableBody
from ..base.http_messages import HttpResponse
from ..base.json_path import MISSING, compile_path, split_path
from ..body import Encoding
from ..body.base import set_in_json
from ..body.conditions import example_of, status_codes, test_of
from ..body.plain_text import PLAIN_TEXT
from ..body.selectors import ROW, Selector
from ..spec.operations import Extract, ResponseRule

__all__ = ["ResponseBuilder", "enclosing", "facts_of", "likely_status", "write_response"]

_LIKELY = (200, 201, 202, 400, 409, 422, 503, 500, 429, 401)
_LIKELIEST = {
    Observation.NOT_FOUND: 404,
    Observation.CONFLICT: 409,
    Observation.DUPLICATE: 409,
    Observation.IN_PROGRESS: 409,
    Observation.RETRYABLE: 503,
}


class ResponseBuilder:
    """An answer that is being written."""

    def __init__(self, form: Encoding, example: Any, *, rows: str | None = None, row: bool = False) -> None:
        """Start an answer. ``rows``: where a list of orders is; ``row``: whether the order is in it."""
        self.form = form
        self.headers: dict[str, str] = {}
        self.document: Any = form.new_document(example)
        self.row: Any = MISSING
        if rows is not None:
            self.row = self._first_row(rows) if row else MISSING
            self.set(rows, [self.row] if row else [])

    def _first_row(self, rows: str) -> dict[str, Any]:
        there = compile_path(rows)(self.document)
        return there[0] if isinstance(there, list) and there and isinstance(there[0], dict) else {}

    def set(self, at: str, value: Any) -> None:
        """Set ``value`` at a place; ``MISSING`` removes it. Raises ``UnwritableBody``."""
        if at.startswith("header."):
            name = at.removeprefix("header.").lower()
            if value is MISSING:
                self.headers.pop(name, None)
            else:
                self.headers[name] = str(value)
        elif at.startswith(ROW):
            if self.row is MISSING:
                raise UnwritableBody(f"{at} stands in a row, and there is none")
            self.row = set_in_json(self.row, split_path(f"${at.removeprefix(ROW)}"), value)
        else:
            self.document = self.form.put(self.document, at, value)

    def set_rows(self, at: str, rows: list[Any]) -> None:
        """Set a list of rows, each a document of its own. Raises ``UnwritableBody``."""
        self.document = self.form.put_rows(self.document, at, rows)

    def body(self) -> bytes:
        """Return the body. Raises ``UnwritableBody``."""
        return self.form.encoded(self.document)


def facts_of(operation: Extract, rule: ResponseRule) -> dict[str, Selector]:
    """Return the places of the facts in an answer of this rule: the operation's, overridden by the rule's own."""
    places = {**operation.places(), **(rule.extract.places() if rule.extract is not None else {})}
    if rule.extract is not None and {"amount_minor", "amount_major"}.intersection(rule.extract.places()):
        for name in {"amount_minor", "amount_major"} - set(rule.extract.places()):
            places.pop(name, None)
    return places


def write_response(
    rule: ResponseRule,
    extract: Extract,
    facts: Mapping[str, Any],
    *,
    form: Encoding,
    more: Mapping[str, Any] | None = None,
    rows: str | None = None,
    row: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return an answer that ``rule`` reads, with ``facts`` by their names where the contract extracts them.

    ``more`` are further conditions that must hold (a replay marker). ``rows`` is where a list is, ``row`` the values of
    the order's row; ``None``: the order has no row. Raises ``UnwritableBody``.
    """
    if rule.format == "text":
        form, rows, row = PLAIN_TEXT, None, None
    draft = ResponseBuilder(form, rule.example, rows=rows, row=row is not None)
    for at, value in (row or {}).items():
        draft.set(at, value)
    places = {} if rule.format == "text" else facts_of(extract, rule)
    for name, place in places.items():
        if facts.get(name) is not None:
            if place.at.startswith(ROW) and row is None:
                continue
            draft.set(place.at, enclosing(place, facts[name]))
    conditions = {**rule.when, **(more or {})}
    for at, wanted in conditions.items():
        if at == "status" or at == ROW:
            continue
        if not test_of(at, wanted)(draft.document, draft.headers, draft.row):
            try:
                draft.set(at, example_of(wanted))
            except ValueError as error:
                raise UnwritableBody(str(error)) from None
    body = draft.body()
    headers = {"content-type": form.content_type, **draft.headers}
    return HttpResponse(likely_status(conditions.get("status"), rule.observation), headers, body)


def likely_status(wanted: Any, observation: Observation | None = None) -> int:
    """Choose a status code: the first of a list, the most usual of a class."""
    if wanted is None:
        return 200
    if isinstance(wanted, list):
        return likely_status(wanted[0], observation)
    codes = status_codes(wanted)
    likely = (_LIKELIEST.get(observation, 0), *_LIKELY) if observation is not None else _LIKELY
    return next((code for code in likely if code in codes), min(codes))


def enclosing(place: Selector, value: Any) -> Any:
    """Return a text from which a place's regular expression extracts ``value``. Raises ``UnwritableBody``."""
    if not place.regex:
        return value
    match = re.fullmatch(r"\^?(.*?)\((?!\?).*\)(.*?)\$?", place.regex)
    text = f"{match[1]}{value}{match[2]}".replace("\\", "") if match else str(value)
    found = re.search(place.regex, text)
    if found is None or (found[1] if found.re.groups else found[0]) != str(value):
        raise UnwritableBody(f"no text is known from which {place.regex!r} takes {value!r}")
    return text
