"""Derives example exchanges of a submit and a query from the schemas of an OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from ..base.http_messages import HttpRequest, HttpResponse
from ..base.variables import as_uuid
from ..body.form_encoding import form_fields
from .draft import TODO, DraftInput
from .field_names import is_amount, is_currency, is_id, is_state, name_score, same_name
from .openapi_document import ApiOperation, Json, OpenApiDocument
from .operation_choice import ChosenQuery, chosen_query, chosen_submit, property_names
from .value_roles import ExampleExchange

__all__ = ["read_openapi"]

_DEPTH = 12
_NUMBER, _ID = "ORDERNUMBER0001", "PROVIDERID0001"
_NUMBER_UUID, _CALL_UUID = as_uuid(_NUMBER), as_uuid("a request")
_SENT = "Thu, 01 Jan 2026 00:00:00 GMT"
_VARIABLES = {
    _NUMBER_UUID: "${order_no.uuid}",
    _CALL_UUID: "${nonce.uuid}",
    _SENT: "${now:%a, %d %b %Y %H:%M:%S GMT}",
}
_TIME = {"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01"}
_USUAL_HEADERS = frozenset({"accept", "authorization", "content-type", "content-length", "host", "user-agent"})
_SHORTEST, _LONGEST = 7, 32
"""Characters of order numbers: fewer could not be told apart over a run."""


def read_openapi(path: Path) -> DraftInput:
    """Read the document. Raises ``FileError`` if it is no OpenAPI document or has no such pair of operations."""
    document = OpenApiDocument(path)
    submit = chosen_submit(document)
    return _Sketch(document, submit, chosen_query(document, submit)).made()


class _Form(NamedTuple):
    """The form of a field that holds the merchant's number."""

    uuid: bool
    most: int | None


class _Sketch:
    """The two exchanges, as examples."""

    def __init__(self, document: OpenApiDocument, submit: ApiOperation, query: ChosenQuery) -> None:
        self.document, self._submit, self._query = document, submit, query
        self._forms: list[_Form] = []
        schema = self._body_schema(submit)
        in_body = list(property_names(document, schema)) if schema else []
        headers = [str(p["name"]) for p in submit.parameters("header")]
        self.best = max((name_score(name) for name in (*in_body, *headers)), default=0)
        """How much the likeliest field of the submit looks like the merchant's number."""
        self.number_names: list[str] = []
        """Names of the fields that the submit sends it in."""

    def made(self) -> DraftInput:
        document, submit, query = self.document, self._submit, self._query
        origin, prefix = document.server()
        body = self._body(submit, _NUMBER)
        headers = [("Content-Type", self._content_type(submit)), *self._auth(submit), *self._headers(submit)]
        told, words = self._answer(submit)
        shown, more = self._answer(query.operation)
        title = document.title()
        made_from = f"the OpenAPI document {document.path.name}{f' ({_line(title)})' if title else ''}"
        asked_by = query.operation
        return DraftInput(
            ExampleExchange(
                origin,
                HttpRequest(
                    submit.method, self._address(submit, prefix), tuple(headers), _written(body, headers[0][1])
                ),
                told,
            ),
            ExampleExchange(origin, self._query_request(prefix), shown),
            f"{made_from}: {submit.method} {_line(submit.path)}, {asked_by.method} {_line(asked_by.path)}",
            tuple(dict.fromkeys([*words, *more])),
            _codes(submit),
            _codes(asked_by),
            _ID,
            _VARIABLES,
            self._order_no(),
            next((name for name, value in self._auth(submit) if value == TODO), ""),
            query.asked,
        )

    def _query_request(self, prefix: str) -> HttpRequest:
        operation, asked, by_number = self._query
        value = _NUMBER if by_number else _ID
        target = self._address(operation, prefix, {asked: value})
        required = [p for p in operation.parameters("query") if p.get("required") is True]
        pairs = {p["name"]: value if p["name"] == asked else self._sample(p) for p in required}
        headers = [*self._auth(operation), *self._headers(operation)]
        if operation.method != "POST":
            return HttpRequest("GET", f"{target}?{urlencode(pairs)}" if pairs else target, tuple(headers), b"")
        headers.insert(0, ("Content-Type", self._content_type(operation)))
        body = self._body(operation, value, asked)
        return HttpRequest("POST", target, tuple(headers), _written(body, headers[0][1]))

    # -- addresses and headers -----------------------------------------------------------------------------------------

    def _address(self, operation: ApiOperation, prefix: str, given: Json | None = None) -> str:
        """Return the path with its parameters filled: the order's number, what a kind may be, or TODO."""
        known = {p["name"]: self._sample(p) for p in operation.parameters("path")}
        last = (re.findall(r"\{([^}]+)\}", operation.path) or [""])[-1]
        if operation.method == "PUT":
            given = {last: _NUMBER}
            parameter = next((p for p in operation.parameters("path") if p["name"] == last), {})
            self.note_form(self.document.merged(parameter.get("schema")))
        filled = {**known, **(given or {})}
        return prefix + re.sub(r"\{([^}]+)\}", lambda m: quote(str(filled.get(m[1], TODO)), safe=""), operation.path)

    def _sample(self, parameter: Json) -> str:
        schema = self.document.merged(parameter.get("schema"))
        return str(_plain_example(schema, parameter.get("example", parameter.get("x-example"))) or TODO)

    def _headers(self, operation: ApiOperation) -> Iterator[tuple[str, str]]:
        """Yield the headers that carry the merchant's number, and those that must be there."""
        for parameter in operation.parameters("header"):
            name, lower = str(parameter["name"]), str(parameter["name"]).lower()
            if lower in _USUAL_HEADERS:
                continue
            schema = self.document.merged(parameter.get("schema"))
            score = name_score(name)
            if operation is self._submit and score >= 2 and score == self.best:
                self.note_form(schema)
                yield name, _NUMBER_UUID if _is_uuid(schema) else _NUMBER
            elif score >= 2 and (parameter.get("required") is True):
                yield name, _CALL_UUID
            elif parameter.get("required") is True:
                yield name, _SENT if lower == "date" else self._sample(parameter)

    def _auth(self, operation: ApiOperation) -> Iterator[tuple[str, str]]:
        document = self.document
        schemes = document.resolved(document.data.get("components")).get("securitySchemes")
        wanted = operation.spec.get("security", document.data.get("security"))
        names = [
            name for entry in (wanted if isinstance(wanted, list) else []) if isinstance(entry, dict) for name in entry
        ]
        for name in names or list(schemes or {}):
            scheme = document.resolved((schemes or {}).get(name))
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                yield str(scheme.get("name")), TODO
                return
            if scheme.get("type") in ("http", "oauth2", "openIdConnect"):
                kind = "Basic eDp5" if str(scheme.get("scheme")).lower() == "basic" else "Bearer TODO"
                yield "Authorization", kind
                return

    def _content_type(self, operation: ApiOperation) -> str:
        return self.document.media(operation.spec.get("requestBody"))[0] or "application/json"

    # -- bodies --------------------------------------------------------------------------------------------------------

    def _body_schema(self, operation: ApiOperation) -> Any:
        return self.document.media(operation.spec.get("requestBody"))[1].get("schema")

    def _body(self, operation: ApiOperation, value: str, asked: str = "") -> Any:
        schema = self._body_schema(operation)
        return _Sampler(self, value, asked, sent=True).value("", schema, frozenset()) if schema else None

    def _answer(self, operation: ApiOperation) -> tuple[HttpResponse | None, list[str]]:
        """Return a generated success, and the status words of its schema."""
        responses = self.document.resolved(operation.spec.get("responses"))
        for code, response in sorted((str(c), r) for c, r in responses.items()):
            _, media = self.document.media(response)
            if code.startswith("2") and media.get("schema"):
                sampler = _Sampler(self, _NUMBER, "", sent=False)
                value = sampler.value("", media["schema"], frozenset())
                nearest = min((depth for depth, _ in sampler.words), default=0)
                return HttpResponse(0, {}, json.dumps(value).encode()), [
                    word for depth, word in sampler.words if depth == nearest
                ]
        return None, []

    # -- the merchant's number -----------------------------------------------------------------------------------------

    def note_form(self, schema: Json) -> None:
        """Remember how a field looks that holds the merchant's number."""
        most = schema.get("maxLength")
        self._forms.append(_Form(_is_uuid(schema), most if isinstance(most, int) else None))

    def _order_no(self) -> str:
        """Return ``order_no`` as the schemas tell it; empty if they say nothing of it."""
        plain = [form for form in self._forms if not form.uuid]
        if self._forms and not plain:
            return "{form: uuid}"
        most = min((form.most for form in plain if form.most), default=None)
        if most is None or most < _SHORTEST:
            return ""
        return f'{{alphabet: "0-9A-Za-z", length: [{min(16, most)}, {min(_LONGEST, most)}]}}'


class _Sampler:
    """Values that a schema allows, in which the order number, the identifier and the amount can be recognised."""

    def __init__(self, sketch: _Sketch, number: str, asked: str, *, sent: bool) -> None:
        self._sketch, self._number, self._asked, self._sent = sketch, number, asked, sent
        self.words: list[tuple[int, str]] = []
        """Status words, each with its depth."""

    def value(self, name: str, given: Any, above: frozenset[str]) -> Any:
        ref = given.get("$ref") if isinstance(given, dict) else None
        if ref in above or len(above) > _DEPTH:
            return None
        above = above | ({ref} if isinstance(ref, str) else frozenset({f"{name}/{len(above)}"}))
        schema = self._sketch.document.merged(given)
        properties = schema.get("properties")
        if isinstance(properties, dict):
            required = schema.get("required")
            wanted = set(required) if isinstance(required, list) else set()
            writable = [key for key, part in properties.items() if not self._only_of_the_other_side(part)]
            # A document that calls a body's amount read-only means something else by it.
            if any(map(is_amount, map(str, properties))) and not any(map(is_amount, map(str, writable))):
                writable = list(properties)
            return {
                str(key): self.value(str(key), part, above)
                for key, part in properties.items()
                if key in writable and self._wanted(str(key), required=key in wanted)
            }
        if schema.get("type") == "array" or "items" in schema:
            return [self.value(name, schema.get("items"), above)]
        return self._plain(name, schema, len(above))

    def _only_of_the_other_side(self, part: Any) -> bool:
        return self._sketch.document.resolved(part).get("readOnly" if self._sent else "writeOnly") is True

    def _wanted(self, key: str, *, required: bool) -> bool:
        if not self._sent or required or key == self._asked:
            return True
        if self._asked:
            return False
        return is_amount(key) or name_score(key) >= 3 or (name_score(key) >= 2 and name_score(key) == self._sketch.best)

    def _plain(self, name: str, schema: Json, depth: int) -> Any:
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
            return "EUR"
        if kind in ("string", None) and self._is_number(name):
            if not self._sent:
                return self._number
            if self._asked:
                return self._number if same_name(name, self._asked) else TODO
            self._sketch.note_form(schema)
            return _NUMBER_UUID if _is_uuid(schema) and self._sketch.best > name_score(name) else self._number
        if is_id(name) and kind in ("string", "integer", None) and not self._sent:
            return _ID
        known = _plain_example(schema, None)
        return (
            {"integer": 1, "number": 1, "boolean": False, "object": {}}.get(str(kind), TODO) if known is None else known
        )

    def _is_number(self, name: str) -> bool:
        if self._sent and self._asked:
            return name == self._asked
        score = name_score(name)
        if not self._sent:
            return score >= 3 or (score > 0 and any(same_name(name, sent) for sent in self._sketch.number_names))
        if score >= 3 or (score > 0 and score == self._sketch.best):
            self._sketch.number_names.append(name)
            return True
        return False


def _plain_example(schema: Json, given: Any) -> Any:
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    examples = schema.get("examples")
    shown = examples[:1] if isinstance(examples, list) else []
    for known in (given, schema.get("default"), *values[:1], schema.get("example"), *shown):
        if isinstance(known, str | int | float):
            return known
    return _TIME.get(str(schema.get("format")))


def _is_uuid(schema: Json) -> bool:
    pattern = str(schema.get("pattern", ""))
    return schema.get("format") == "uuid" or (pattern.count("-") >= 4 and "{8}" in pattern and "{12}" in pattern)


def _written(body: Any, content_type: str) -> bytes:
    if "form-urlencoded" not in content_type or not isinstance(body, dict):
        return json.dumps(body).encode()
    return urlencode([(name, text) for name, text, _ in form_fields(_texts(body))]).encode()


def _texts(value: Any) -> Any:
    """Return data with texts alone in it, as a form can hold them."""
    if isinstance(value, dict):
        return {key: _texts(part) for key, part in value.items()}
    return [_texts(part) for part in value] if isinstance(value, list) else str(value)


def _codes(operation: ApiOperation) -> frozenset[int]:
    responses = operation.spec.get("responses")
    return frozenset(
        int(c) for c in (responses if isinstance(responses, dict) else {}) if re.fullmatch(r"[1-5]\d\d", str(c))
    )


def _line(text: str) -> str:
    """Return text on one line, for a comment."""
    return " ".join(text.split())[:80]
