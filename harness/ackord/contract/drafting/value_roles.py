"""Guesses the role of each value in an example (order number, amount, currency, secret), from its name and from its
occurrence in both requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..base.body_parsing import UnreadableBody
from ..base.http_messages import HttpRequest, HttpResponse
from ..body import JSON, Encoding
from .field_names import is_amount, is_currency, name_score

__all__ = ["ExampleExchange", "LeafValue", "document_of", "is_secret", "leaves", "place", "templated"]

_SECRET = re.compile(
    r"auth|token|secret|passw|signature|^sign$|api[-_]?key|access[-_]?key|cookie|session|credential|^key$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+\.\d{1,4}\Z")


class ExampleExchange(NamedTuple):
    """One exchange. ``answer`` is ``None`` if it is unknown."""

    origin: str
    """``https:

    api.example.com``; empty if it is unknown.
    """
    request: HttpRequest
    answer: HttpResponse | None = None


class LeafValue(NamedTuple):
    """A plain value in a document."""

    path: tuple[str | int, ...]
    value: Any

    @property
    def name(self) -> str:
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")


def document_of(body: bytes, form: Encoding = JSON) -> Any:
    """Parse the body as plain data; ``None`` if it is none."""
    try:
        document = form.read(HttpResponse(200, {}, body))
    except UnreadableBody:
        return None
    return document if isinstance(document, dict | list) else None


def leaves(document: Any, path: tuple[str | int, ...] = ()) -> Iterator[LeafValue]:
    if isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from leaves(value, (*path, key))
    else:
        yield LeafValue(path, document)


def place(path: tuple[str | int, ...]) -> str:
    """Return ``$.a.b[0]``; empty if no place can name the path."""
    steps = []
    for step in path:
        if isinstance(step, str) and "'" in step:
            return ""
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}" if _NAME.match(step) else f"['{step}']")
    return f"${''.join(steps)}"


def is_secret(name: str) -> bool:
    """Return whether a value of this name must not be written down."""
    return bool(_SECRET.search(name)) and not name_score(name) and not re.search(r"authori[sz]ation_?id$", name, re.I)


def number_score(leaf: LeafValue) -> int:
    """Return how likely a value is the merchant's own order number."""
    if not isinstance(leaf.value, str) or not leaf.value or is_secret(leaf.name):
        return 0
    return name_score(leaf.name)


def templated(
    document: Any, number: str, path: tuple[str | int, ...] = (), known: Mapping[str, str] | None = None
) -> Any:
    """Return the document with variables in place of values that have a role, without secrets.

    ``known``: variables by further values that they stand for.
    """
    if isinstance(document, dict):
        return {key: templated(value, number, (*path, key), known) for key, value in document.items()}
    if isinstance(document, list):
        return [templated(value, number, (*path, index), known) for index, value in enumerate(document)]
    return _variable(LeafValue(path, document), number, known or {})


def _variable(leaf: LeafValue, number: str, known: Mapping[str, str]) -> Any:
    name, value = leaf.name, leaf.value
    if isinstance(value, str) and value in known:
        return known[value]
    if number and value == number:
        return "${order_no.uuid}" if _UUID.match(number) else "${order_no}"
    if is_secret(name) and isinstance(value, str):
        return f"${{env:PROVIDER_{re.sub(r'[^A-Z0-9]+', '_', name.upper())}}}"
    if is_currency(name) and isinstance(value, str) and len(value) == 3:
        return "${currency}" if value.isupper() else "${currency.lower}"
    if is_amount(name) and not isinstance(value, bool):
        if isinstance(value, float):
            return "${amount.number}"
        if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
            return "${amount.minor}"
        if isinstance(value, str) and _DECIMAL.match(value):
            return "${amount.major}"
    return value.replace("${", "$${") if isinstance(value, str) else value
