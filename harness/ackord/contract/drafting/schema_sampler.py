"""Makes values that a schema of OpenAPI allows, in which number, identifier and amount can be recognised."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ..base.variables import as_uuid
from .draft import TODO
from .field_names import is_amount, is_currency, is_id, is_state, name_score, same_name
from .openapi_document import Json, OpenApiDocument

__all__ = [
    "CLEAR", "NUMBER", "NUMBER_UUID", "PROVIDER_ID", "NumberFields", "NumberForm", "SchemaSampler", "is_uuid",
    "plain_example",
]  # fmt: skip

_DEPTH = 12
CLEAR = 3
"""The least score of a name that is the merchant's number's whatever else there is."""
NUMBER, PROVIDER_ID = "ORDERNUMBER0001", "PROVIDERID0001"
NUMBER_UUID = as_uuid(NUMBER)
_TIME = {"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01"}
_SHORTEST, _LONGEST = 7, 32
"""Characters of order numbers: fewer could not be told apart over a run."""


class NumberForm(NamedTuple):
    """The form of a field that holds the merchant's number."""

    uuid: bool
    most: int | None


class NumberFields:
    """Which fields of a submit hold the merchant's number, and what it looks like there."""

    def __init__(self, own: str, best: int) -> None:
        self.own = own
        """The field that the query asks by; whatever else looks like a number must look so clearly. Empty: unknown."""
        self.best = best
        """How much the likeliest field looks like it (``name_score``)."""
        self.names: list[str] = []
        """The fields in which it was sent."""
        self._forms: list[NumberForm] = []

    def note(self, schema: Json) -> None:
        """Remember how a field looks that holds it."""
        most = schema.get("maxLength")
        self._forms.append(NumberForm(is_uuid(schema), most if isinstance(most, int) else None))

    def order_no(self) -> str:
        """Return ``order_no`` as the schemas tell it; empty if they say nothing of it."""
        plain = [form for form in self._forms if not form.uuid]
        if self._forms and not plain:
            return "{form: uuid}"
        most = min((form.most for form in plain if form.most), default=None)
        if most is None or most < _SHORTEST:
            return ""
        return f'{{alphabet: "0-9A-Za-z", length: [{min(16, most)}, {min(_LONGEST, most)}]}}'


class SchemaSampler:
    """Values that a schema allows, in which the order number, the identifier and the amount can be recognised."""

    def __init__(self, document: OpenApiDocument, fields: NumberFields, number: str, asked: str, *, sent: bool) -> None:
        """``number`` stands where the merchant's number does, ``asked`` is the field that a query asks by."""
        self._document, self._fields = document, fields
        self._number, self._asked, self._sent = number, asked, sent
        self.words: list[tuple[int, str]] = []
        """Status words, each with its depth."""

    def value(self, name: str, given: Any, above: frozenset[str], shown: Any = None) -> Any:
        """Return a value of the schema ``given``; ``shown`` is what the document's own example has there."""
        ref = given.get("$ref") if isinstance(given, dict) else None
        if ref in above or len(above) > _DEPTH:
            return None
        above = above | ({ref} if isinstance(ref, str) else frozenset({f"{name}/{len(above)}"}))
        schema = self._document.merged(given)
        properties = schema.get("properties")
        if isinstance(properties, dict):
            required = schema.get("required")
            wanted = set(required) if isinstance(required, list) else set()
            writable = [key for key, part in properties.items() if not self._only_of_the_other_side(part)]
            # A document that calls a body's amount read-only means something else by it.
            if any(map(is_amount, map(str, properties))) and not any(map(is_amount, map(str, writable))):
                writable = list(properties)
            chosen = [key for key in writable if self._wanted(str(key), properties[key], required=key in wanted)]
            if name and self._sent and not self._asked:
                chosen = chosen or writable  # of what must be there, something must be said
            given = shown if isinstance(shown, dict) else {}
            return {str(key): self.value(str(key), properties[key], above, given.get(key)) for key in chosen}
        if schema.get("type") == "array" or "items" in schema:
            inner = shown[0] if isinstance(shown, list) and shown else None
            return [self.value(name, schema.get("items"), above, inner)]
        return self._plain(name, schema, len(above), shown)

    def _only_of_the_other_side(self, part: Any) -> bool:
        return self._document.resolved(part).get("readOnly" if self._sent else "writeOnly") is True

    def _wanted(self, key: str, part: Any, *, required: bool) -> bool:
        if not self._sent or required or key == self._asked:
            return True
        if self._asked:
            return False
        if same_name(key, self._fields.own):
            return True
        if is_currency(key) and {"default", "enum"} & set(self._document.merged(part)):
            return True
        return is_amount(key) or name_score(key) >= 3 or (name_score(key) >= 2 and name_score(key) == self._fields.best)

    def _plain(self, name: str, schema: Json, depth: int, shown: Any) -> Any:
        kinds = schema.get("type")
        kind = next((k for k in kinds if k != "null"), "string") if isinstance(kinds, list) else kinds
        values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
        if not self._sent and is_state(name) and kind in ("string", None):
            self.words += [(depth, str(value)) for value in values if value is not None]
            return str(values[0]) if values else TODO
        if is_amount(name) and kind in ("integer", "number", "string", None) and not values:
            whole = kind == "string" and re.fullmatch(r"\^?\[?(\\d|0-9)\]?[+*{].*", str(schema.get("pattern", "")))
            minor = whole and "." not in str(schema.get("pattern"))
            return {"integer": 1999, "number": 19.99}.get(str(kind), "1999" if minor else "19.99")
        if is_currency(name):
            told = (shown, schema.get("default"), *values, schema.get("example"))
            known = [word for word in told if _is_currency_code(word)]
            return known[0] if known else "EUR"
        if kind in ("string", None) and self._is_number(name):
            if not self._sent:
                return self._number
            if self._asked:
                return self._number if same_name(name, self._asked) else TODO
            self._fields.note(schema)
            return NUMBER_UUID if is_uuid(schema) and self._fields.best > name_score(name) else self._number
        if is_id(name) and kind in ("string", "integer", None) and not self._sent:
            return PROVIDER_ID
        known = plain_example(schema, shown)
        return (
            {"integer": 1, "number": 1, "boolean": False, "object": {}}.get(str(kind), TODO) if known is None else known
        )

    def _is_number(self, name: str) -> bool:
        if self._sent and self._asked:
            return name == self._asked
        if self._sent and same_name(name, self._fields.own):
            self._fields.names.append(name)
            return True
        score = name_score(name)
        if not self._sent:
            return score >= 3 or (score > 0 and any(same_name(name, sent) for sent in self._fields.names))
        if score >= 3 or (score > 0 and score == self._fields.best):
            self._fields.names.append(name)
            return True
        return False


def plain_example(schema: Json, given: Any) -> Any:
    """Return a plain value that the schema shows, ``given`` first; ``None`` if it shows none."""
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    examples = schema.get("examples")
    shown = examples[:1] if isinstance(examples, list) else []
    for known in (given, schema.get("default"), *values[:1], schema.get("example"), *shown):
        if isinstance(known, str | int | float):
            return known
    return _TIME.get(str(schema.get("format")))


def _is_currency_code(word: object) -> bool:
    return isinstance(word, str) and re.fullmatch(r"[A-Z]{3}|[a-z]{3}", word) is not None


def is_uuid(schema: Json) -> bool:
    """Return whether the schema is that of a UUID."""
    pattern = str(schema.get("pattern", ""))
    return schema.get("format") == "uuid" or (pattern.count("-") >= 4 and "{8}" in pattern and "{12}" in pattern)
