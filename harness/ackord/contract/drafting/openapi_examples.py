"""Derives example exchanges of a submit and a query from the schemas of an OpenAPI document.

Only references within the document are followed. The operations are chosen by words: a POST about paying and an amount,
and a GET of one of its orders.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from ...errors import FileError
from ..base.http_messages import HttpRequest, HttpResponse
from .draft import TODO, DraftInput
from .value_roles import ExampleExchange, LeafValue, number_score

__all__ = ["read_openapi"]

_MAX_BYTES = 16 << 20
_DEPTH = 12
_NUMBER, _ID = "ORDERNUMBER0001", "PROVIDERID0001"
_PAYING = re.compile(r"pay-?out|transfer|payment|disburse", re.IGNORECASE)
_WORDS = re.compile(r"pay-?out|transfer|payment|order|disburse|remit|withdraw|charge", re.IGNORECASE)
_WRONG = re.compile(
    r"refund|bulk|cancel|verif|confirm|webhook|capture|retr|final|resend|return|link|subscription|plan|customer|invoice|dispute|otp|simul",
    re.IGNORECASE,
)

Json = dict[str, Any]


def read_openapi(path: Path) -> DraftInput:
    """Read the document. Raises ``FileError`` if it is no OpenAPI document or has no such pair of operations."""
    document = _OpenApiDocument(path)
    submit_path, submit = document.submit()
    query_path, query, asked = document.query(submit_path)
    return document.sketch(submit_path, submit, query_path, query, asked)


class _OpenApiDocument:
    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            raw = path.read_bytes()
            if len(raw) > _MAX_BYTES:
                raise FileError(path, None, f"the document has more than {_MAX_BYTES >> 20} MiB")
            self._data: Any = json.loads(raw) if raw.lstrip()[:1] == b"{" else yaml.load(raw, _Loader)
        except OSError as error:
            raise FileError(path, None, f"cannot be read: {error.strerror}") from error
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            raise FileError(path, None, f"this is neither JSON nor YAML ({str(error).splitlines()[0][:80]})") from None
        if not isinstance(self._data, dict) or not isinstance(self._data.get("paths"), dict):
            raise FileError(path, None, "there are no paths in it", expected="an OpenAPI document, version 3")

    # -- which operations ----------------------------------------------------------------------------------------------

    def _operations(self, method: str) -> Iterator[tuple[str, Json]]:
        for path, item in self._data["paths"].items():
            operation = self._resolved(item).get(method)
            if isinstance(operation, dict):
                shared = item.get("parameters", []) if isinstance(item, dict) else []
                yield str(path), {**operation, "parameters": [*shared, *operation.get("parameters", [])]}

    def submit(self) -> tuple[str, Json]:
        scored = [(self._likeness(path, operation), path, operation) for path, operation in self._operations("post")]
        score, path, operation = max(scored, key=lambda entry: (entry[0], -len(entry[1])), default=(0, "", {}))
        if score <= 0:
            raise FileError(
                self._path,
                None,
                "no POST in it looks like submitting a payment",
                mend="write the draft from two curl commands: --curl",
            )
        return path, operation

    def _likeness(self, path: str, operation: Json) -> int:
        about = f"{path} {operation.get('operationId', '')} {operation.get('summary', '')}"
        body = json.dumps(self._body(operation))
        if body == "null":
            return 0
        score = (
            2 * bool(_PAYING.search(path))
            + 2 * bool(_WORDS.search(path))
            + bool(_WORDS.search(about))
            + 4 * bool(re.search(r"amount", body, re.IGNORECASE))
        )
        return score - 4 * bool(_WRONG.search(about)) - 2 * path.count("{")

    def query(self, submit_path: str) -> tuple[str, Json, str]:
        """Return the query's path and operation, and the parameter that identifies the order."""
        found = []
        for path, operation in self._operations("get"):
            rest = path.removeprefix(submit_path.rstrip("/"))
            match = re.fullmatch(r"/(?:[\w-]+/)?\{([^}]+)\}", rest)
            if path != submit_path and rest != path and match:
                found.append((2 - rest.count("/"), -len(path), path, operation, match[1]))
        if not found:
            words = set(re.findall(r"[a-z]{4,}", submit_path.lower()))
            for path, operation in self._operations("get"):
                match = re.fullmatch(r".*/\{([^}]+)\}", path)
                shared = len(words & set(re.findall(r"[a-z]{4,}", path.lower())))
                if match and shared and path.count("{") == 1:
                    found.append((shared, -len(path), path, operation, match[1]))
        if not found:
            raise FileError(
                self._path,
                None,
                f"no GET in it looks like asking for one order of {submit_path}",
                mend="write the draft from two curl commands: --curl",
            )
        _, _, path, operation, asked = max(found, key=lambda entry: entry[:2])
        return path, operation, asked

    # -- examples of them ----------------------------------------------------------------------------------------------

    def sketch(self, submit_path: str, submit: Json, query_path: str, query: Json, asked: str) -> DraftInput:
        origin, prefix = self._server()
        body = self._body(submit)
        headers = [("Content-Type", self._content_type(submit)), *self._auth(submit), *self._headers(submit)]
        told, words = self._answer(submit)
        shown, more = self._answer(query)
        names = set(_names(body))
        by_number = bool(number_score(LeafValue((asked,), "x"))) and (asked in names or not _ends_with_id(asked))
        value = _NUMBER if by_number else _ID
        target = re.sub(r"\{[^}]+\}", lambda m: quote(value if m[0] == f"{{{asked}}}" else "TODO"), prefix + query_path)
        where = re.sub(r"\{[^}]+\}", "TODO", prefix + submit_path)
        title = str(self._data.get("info", {}).get("title", "")) if isinstance(self._data.get("info"), dict) else ""
        return DraftInput(
            ExampleExchange(origin, HttpRequest("POST", where, tuple(headers), json.dumps(body).encode()), told),
            ExampleExchange(origin, HttpRequest("GET", target, tuple(self._auth(query)), b""), shown),
            f"the OpenAPI document {self._path.name}{f' ({_line(title)})' if title else ''}: POST "
            f"{_line(submit_path)}, GET {_line(query_path)}",
            tuple(dict.fromkeys([*words, *more])),
            _codes(submit),
            _codes(query),
            _ID,
        )

    def _server(self) -> tuple[str, str]:
        servers = self._data.get("servers")
        server = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
        variables = self._resolved(server.get("variables"))
        url = re.sub(
            r"\{(\w+)\}", lambda m: str((variables.get(m[1]) or {}).get("default", m[1])), str(server.get("url", ""))
        )
        parts = urlsplit(url)
        host = parts.scheme in ("http", "https") and parts.hostname
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if host else "", parts.path.rstrip("/")

    def _resolved(self, node: Any, depth: int = 0) -> Json:
        """Return a node with its reference followed, if that stays in the document."""
        if not isinstance(node, dict):
            return {}
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return node
        if depth > _DEPTH or not ref.startswith("#/"):
            return {}
        found: Any = self._data
        for step in ref[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, dict) else None
        return self._resolved(found, depth + 1)

    def _media(self, part: Any) -> tuple[str, Json]:
        content = self._resolved(part).get("content")
        for kind, media in content.items() if isinstance(content, dict) else ():
            if "json" in kind or "form-urlencoded" in kind:
                return kind, media if isinstance(media, dict) else {}
        return "", {}

    def _content_type(self, operation: Json) -> str:
        return self._media(operation.get("requestBody"))[0] or "application/json"

    def _body(self, operation: Json) -> Any:
        _, media = self._media(operation.get("requestBody"))
        return self._value("", media["schema"], frozenset(), required_only=True) if media.get("schema") else None

    def _headers(self, operation: Json) -> Iterator[tuple[str, str]]:
        for given in operation["parameters"]:
            parameter = self._resolved(given)
            name = str(parameter.get("name", ""))
            if parameter.get("in") == "header" and number_score(LeafValue((name,), "x")):
                yield name, _NUMBER

    def _auth(self, operation: Json) -> Iterator[tuple[str, str]]:
        schemes = self._resolved(self._data.get("components")).get("securitySchemes")
        wanted = operation.get("security", self._data.get("security"))
        names = [
            name for entry in (wanted if isinstance(wanted, list) else []) if isinstance(entry, dict) for name in entry
        ]
        for name in names or list(schemes or {}):
            scheme = self._resolved((schemes or {}).get(name))
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                yield str(scheme.get("name")), "TODO"
                return
            if scheme.get("type") in ("http", "oauth2", "openIdConnect"):
                kind = "Basic eDp5" if str(scheme.get("scheme")).lower() == "basic" else "Bearer TODO"
                yield "Authorization", kind
                return

    def _answer(self, operation: Json) -> tuple[HttpResponse | None, list[str]]:
        """Return a generated success, and the status words of its schema."""
        for code, response in sorted((str(c), r) for c, r in self._resolved(operation.get("responses")).items()):
            _, media = self._media(response)
            if code.startswith("2") and media.get("schema"):
                words: list[tuple[int, str]] = []
                value = self._value("", media["schema"], frozenset(), words=words)
                nearest = min((depth for depth, _ in words), default=0)
                return HttpResponse(0, {}, json.dumps(value).encode()), [
                    word for depth, word in words if depth == nearest
                ]
        return None, []

    # -- values of schemas ---------------------------------------------------------------------------------------------

    def _value(
        self,
        name: str,
        given: Any,
        above: frozenset[str],
        *,
        required_only: bool = False,
        words: list[tuple[int, str]] | None = None,
    ) -> Any:
        """Return a value that a schema allows, in which the order number, the identifier and the amount can be
        recognised.
        """
        ref = given.get("$ref") if isinstance(given, dict) else None
        if ref in above or len(above) > _DEPTH:
            return None
        above = above | ({ref} if isinstance(ref, str) else frozenset({f"{name}/{len(above)}"}))
        schema = self._merged(self._resolved(given))
        properties = schema.get("properties")
        if isinstance(properties, dict):
            required = schema.get("required")
            wanted = set(required) if isinstance(required, list) else set()
            return {
                str(key): self._value(str(key), part, above, required_only=required_only, words=words)
                for key, part in properties.items()
                if not required_only
                or key in wanted
                or number_score(LeafValue((str(key),), "x"))
                or "amount" in str(key).lower()
            }
        if schema.get("type") == "array" or "items" in schema:
            return [self._value(name, schema.get("items"), above, required_only=required_only, words=words)]
        return self._plain(name, schema, words, len(above))

    def _merged(self, schema: Json) -> Json:
        """Return ``allOf`` merged, or the first of ``oneOf`` or ``anyOf``."""
        merged = dict(schema)
        parts = [*schema.get("allOf", []), *schema.get("oneOf", [])[:1], *schema.get("anyOf", [])[:1]]
        for part in parts:
            inner = self._merged(self._resolved(part)) if len(json.dumps(part, default=str)) < 200_000 else {}
            for key, value in inner.items():
                if key == "properties":
                    merged["properties"] = {**value, **merged.get("properties", {})}
                elif key == "required" and isinstance(value, list):
                    merged["required"] = [*merged.get("required", []), *value]
                else:
                    merged.setdefault(key, value)
        return merged

    def _plain(self, name: str, schema: Json, words: list[tuple[int, str]] | None, depth: int) -> Any:
        kinds = schema.get("type")
        kind = next((k for k in kinds if k != "null"), "string") if isinstance(kinds, list) else kinds
        values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
        if re.search(r"(^|_)(status|state)$", name, re.IGNORECASE) and kind in ("string", None):
            if words is not None:
                words += [(depth, str(value)) for value in values if value is not None]
            return str(values[0]) if values else TODO
        if re.search(r"amount|^value$", name, re.IGNORECASE) and kind in ("integer", "number", "string", None):
            return {"integer": 1999, "number": 19.99}.get(str(kind), "19.99")
        if "currency" in name.lower():
            return "EUR"
        if number_score(LeafValue((name,), "x")) and kind in ("string", None):
            return _NUMBER
        if re.search(r"(^|_)id$", name, re.IGNORECASE) and kind in ("string", "integer", None) and words is not None:
            return _ID
        for known in (*values[:1], schema.get("default"), schema.get("example")):
            if isinstance(known, str | int | float):
                return known
        return {"integer": 1, "number": 1, "boolean": False, "object": {}}.get(str(kind), "TODO")


class _Loader(yaml.SafeLoader):
    """A loader that keeps dates as text."""


_Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _names(document: Any) -> Iterator[str]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield str(key)
            yield from _names(value)
    elif isinstance(document, list):
        for value in document:
            yield from _names(value)


def _ends_with_id(name: str) -> bool:
    return bool(re.search(r"id$", name, re.IGNORECASE))


def _codes(operation: Json) -> frozenset[int]:
    responses = operation.get("responses")
    return frozenset(
        int(c) for c in (responses if isinstance(responses, dict) else {}) if re.fullmatch(r"[1-5]\d\d", str(c))
    )


def _line(text: str) -> str:
    """Return text on one line, for a comment."""
    return " ".join(text.split())[:80]
