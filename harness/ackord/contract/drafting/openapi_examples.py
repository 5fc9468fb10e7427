"""Derives example exchanges of a submit and a query from the schemas of an OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ..base.http_messages import HttpRequest, HttpResponse
from ..base.variables import as_uuid
from ..body.form_encoding import form_fields
from .draft import ACCOUNT, TODO, DraftInput
from .error_codes import error_codes, shown_examples
from .field_names import name_score, same_name
from .openapi_document import ApiOperation, Json, OpenApiDocument, is_required
from .operation_choice import ChosenQuery, chosen_query, chosen_submit, property_names
from .schema_sampler import (
    CLEAR,
    NUMBER,
    NUMBER_UUID,
    PROVIDER_ID,
    NumberFields,
    SchemaSampler,
    is_uuid,
    plain_example,
)
from .value_roles import ExampleExchange, is_secret

__all__ = ["read_openapi"]

_CALL_UUID = as_uuid("a request")
_SENT = "Thu, 01 Jan 2026 00:00:00 GMT"
_VARIABLES = {
    NUMBER_UUID: "${order_no.uuid}",
    _CALL_UUID: "${nonce.uuid}",
    _SENT: "${now:%a, %d %b %Y %H:%M:%S GMT}",
    ACCOUNT: "${account.id}",
}
_USUAL_HEADERS = frozenset({"accept", "authorization", "content-type", "content-length", "host", "user-agent"})


def read_openapi(path: Path) -> DraftInput:
    """Read the document. Raises ``FileError`` if it is no OpenAPI document or has no such pair of operations."""
    document = OpenApiDocument(path)
    submit = chosen_submit(document)
    return _Sketch(document, submit, chosen_query(document, submit)).made()


class _Sketch:
    """The two exchanges, as examples."""

    def __init__(self, document: OpenApiDocument, submit: ApiOperation, query: ChosenQuery) -> None:
        self.document, self._submit, self._query = document, submit, query
        schema = self._body_schema(submit)
        in_body = list(property_names(document, schema)) if schema else []
        headers = [str(p["name"]) for p in submit.parameters("header")]
        own = query.asked if query.by_number and any(same_name(query.asked, name) for name in in_body) else ""
        best = max((name_score(name) for name in (*in_body, *headers)), default=0)
        self._number = NumberFields(own, max(best, CLEAR) if own else best)

    def made(self) -> DraftInput:
        document, submit, query = self.document, self._submit, self._query
        origin, prefix = document.server()
        body = self._body(submit, NUMBER)
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
            PROVIDER_ID,
            _VARIABLES,
            self._number.order_no(),
            next((name for name, value in self._auth(submit) if value == TODO), ""),
            query.asked,
            error_codes(document, submit, 409),
            error_codes(document, asked_by, 404),
        )

    def _query_request(self, prefix: str) -> HttpRequest:
        operation, asked, by_number = self._query
        value = NUMBER if by_number else PROVIDER_ID
        target = self._address(operation, prefix, {asked: value})
        required = [p for p in operation.parameters("query") if is_required(p) or p["name"] == asked]
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
            given = {last: NUMBER}
            parameter = next((p for p in operation.parameters("path") if p["name"] == last), {})
            self._number.note(self.document.merged(parameter.get("schema")))
        filled = {**known, **(given or {})}
        return prefix + re.sub(r"\{([^}]+)\}", lambda m: quote(str(filled.get(m[1], TODO)), safe=""), operation.path)

    def _sample(self, parameter: Json) -> str:
        schema = self.document.merged(parameter.get("schema"))
        return str(plain_example(schema, parameter.get("example", parameter.get("x-example"))) or TODO)

    def _headers(self, operation: ApiOperation) -> Iterator[tuple[str, str]]:
        """Yield the headers that carry the merchant's number, and those that must be there."""
        for parameter in operation.parameters("header"):
            name, lower = str(parameter["name"]), str(parameter["name"]).lower()
            if lower in _USUAL_HEADERS:
                continue
            schema = self.document.merged(parameter.get("schema"))
            score = name_score(name)
            if operation is self._submit and score >= 2 and score == self._number.best:
                self._number.note(schema)
                yield name, NUMBER_UUID if is_uuid(schema) else NUMBER
            elif score >= 2 and is_required(parameter):
                yield name, _CALL_UUID
            elif is_required(parameter):
                yield name, _SENT if lower == "date" else self._sample(parameter)

    def _auth(self, operation: ApiOperation) -> Iterator[tuple[str, str]]:
        document = self.document
        schemes = document.resolved(document.data.get("components")).get("securitySchemes")
        wanted = operation.spec.get("security", document.data.get("security"))
        entries = [entry for entry in (wanted if isinstance(wanted, list) else []) if isinstance(entry, dict)]
        names = [name for entry in entries for name in entry]
        together = {name: list(entry) for entry in reversed(entries) for name in entry}
        for name in names or list(schemes or {}):
            scheme = document.resolved((schemes or {}).get(name))
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                known = [document.resolved((schemes or {}).get(one)) for one in together.get(name, [name])]
                yield from self._keys(known)
                return
            if scheme.get("type") in ("http", "oauth2", "openIdConnect"):
                kind = "Basic eDp5" if str(scheme.get("scheme")).lower() == "basic" else "Bearer TODO"
                yield "Authorization", kind
                return

    @staticmethod
    def _keys(schemes: list[Json]) -> Iterator[tuple[str, str]]:
        """Yield the headers of keys that are sent together: the secret one, and those that say whose it is."""
        names = [str(one.get("name")) for one in schemes if one.get("type") == "apiKey" and one.get("in") == "header"]
        key = next((name for name in names if is_secret(name)), names[0])
        yield key, TODO
        yield from ((name, ACCOUNT) for name in names if name != key)

    def _content_type(self, operation: ApiOperation) -> str:
        return self.document.media(operation.spec.get("requestBody"))[0] or "application/json"

    # -- bodies --------------------------------------------------------------------------------------------------------

    def _body_schema(self, operation: ApiOperation) -> Any:
        return self.document.media(operation.spec.get("requestBody"))[1].get("schema")

    def _body(self, operation: ApiOperation, value: str, asked: str = "") -> Any:
        schema = self._body_schema(operation)
        if not schema:
            return None
        _, media = self.document.media(operation.spec.get("requestBody"))
        shown = next(iter(shown_examples(self.document, media)), None)
        sampler = SchemaSampler(self.document, self._number, value, asked, sent=True)
        return sampler.value("", schema, frozenset(), shown)

    def _answer(self, operation: ApiOperation) -> tuple[HttpResponse | None, list[str]]:
        """Return a generated success, and the status words of its schema."""
        responses = self.document.resolved(operation.spec.get("responses"))
        for code, response in sorted((str(c), r) for c, r in responses.items()):
            _, media = self.document.media(response)
            if code.startswith("2") and media.get("schema"):
                sampler = SchemaSampler(self.document, self._number, NUMBER, "", sent=False)
                value = sampler.value("", media["schema"], frozenset())
                nearest = min((depth for depth, _ in sampler.words), default=0)
                return HttpResponse(0, {}, json.dumps(value).encode()), [
                    word for depth, word in sampler.words if depth == nearest
                ]
        return None, []


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
