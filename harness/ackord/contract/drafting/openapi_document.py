"""Loads an OpenAPI document, version 2 (Swagger) or 3, and follows the references within it.

What version 2 writes differently (body parameters, ``host``, ``securityDefinitions``) is turned into version 3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from ...errors import FileError

__all__ = ["ApiOperation", "Json", "OpenApiDocument", "is_required"]

_MAX_BYTES = 16 << 20
_DEPTH = 12

Json = dict[str, Any]


def is_required(parameter: Json) -> bool:
    """Return whether a parameter must be there; published documents also write ``"true"``."""
    return parameter.get("required") in (True, "true")


class ApiOperation(NamedTuple):
    """One method of one path."""

    method: str
    """In capital letters."""
    path: str
    spec: Json
    """Its object, with the parameters of its path, each resolved."""

    @property
    def about(self) -> str:
        """Path, identifier and summary, for a search by words."""
        return f"{self.path} {self.spec.get('operationId', '')} {self.spec.get('summary', '')}"

    def parameters(self, place: str) -> list[Json]:
        """Return the parameters in ``path``, ``query`` or ``header``."""
        return [p for p in self.spec["parameters"] if p.get("in") == place and p.get("name")]


class OpenApiDocument:
    """The document. Raises ``FileError`` for a file that is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = _loaded(path)
        if "swagger" in self.data:
            _upgrade(self)

    def operations(self, *methods: str) -> Iterator[ApiOperation]:
        """Yield the operations of some methods, in the order of the document."""
        for path, item in self.data["paths"].items():
            described = self.resolved(item)
            shared = described.get("parameters", [])
            for method in methods:
                operation = described.get(method.lower())
                if isinstance(operation, dict):
                    own = operation.get("parameters", [])
                    given = [self.resolved(one) for one in [*shared, *own] if isinstance(one, dict)]
                    # What an operation says of a parameter replaces what its path says.
                    parameters = list({(p.get("in"), p.get("name")): p for p in given}.values())
                    yield ApiOperation(method, str(path), {**operation, "parameters": parameters})

    def resolved(self, node: Any, depth: int = 0) -> Json:
        """Return a node with its reference followed, if that stays in the document."""
        if not isinstance(node, dict):
            return {}
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return node
        if depth > _DEPTH or not ref.startswith("#/"):
            return {}
        found: Any = self.data
        for step in ref[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, dict) else None
        return self.resolved(found, depth + 1)

    def merged(self, node: Any) -> Json:
        """Return a schema with ``allOf`` merged, and the first of ``oneOf`` or ``anyOf``."""
        schema = self.resolved(node)
        merged = dict(schema)
        parts = [*schema.get("allOf", []), *schema.get("oneOf", [])[:1], *schema.get("anyOf", [])[:1]]
        for part in parts:
            inner = self.merged(part) if len(json.dumps(part, default=str)) < 200_000 else {}
            for key, value in inner.items():
                if key == "properties":
                    merged["properties"] = {**value, **merged.get("properties", {})}
                elif key == "required" and isinstance(value, list):
                    merged["required"] = [*merged.get("required", []), *value]
                else:
                    merged.setdefault(key, value)
        return merged

    def media(self, part: Any) -> tuple[str, Json]:
        """Return the first type of a request or response that a contract can write, with its schema and examples."""
        content = self.resolved(part).get("content")
        known = [
            (kind, media)
            for kind, media in (content.items() if isinstance(content, dict) else ())
            if "json" in kind or "form-urlencoded" in kind
        ]
        kind, media = min(known, key=lambda entry: "json" not in entry[0], default=("", {}))
        return kind, media if isinstance(media, dict) else {}

    def server(self) -> tuple[str, str]:
        """Return the origin of a server that looks like a sandbox, or of the first, and its path; empty if unusable."""
        servers = self.data.get("servers")
        known = [server for server in servers if isinstance(server, dict)] if isinstance(servers, list) else []
        trying = [server for server in known if re.search(r"sandbox|test|demo|staging", str(server), re.IGNORECASE)]
        server = next(iter([*trying, *known]), {})
        variables = self.resolved(server.get("variables"))
        url = re.sub(
            r"\{(\w+)\}", lambda m: str((variables.get(m[1]) or {}).get("default", m[1])), str(server.get("url", ""))
        )
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
        except ValueError:  # a port to be filled in
            usable = False
        path = re.sub(r"[^\w./-]+", "", parts.path).rstrip("/")
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if usable else "", path

    def title(self) -> str:
        """Return the API's name; empty if there is none."""
        info = self.data.get("info")
        return str(info.get("title", "")) if isinstance(info, dict) else ""


def _loaded(path: Path) -> Json:
    try:
        raw = path.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise FileError(path, None, f"the document has more than {_MAX_BYTES >> 20} MiB")
        data: Any = json.loads(raw) if raw.lstrip()[:1] == b"{" else yaml.load(raw, _Loader)
    except OSError as error:
        raise FileError(path, None, f"cannot be read: {error.strerror}") from error
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise FileError(path, None, f"this is neither JSON nor YAML ({str(error).splitlines()[0][:80]})") from None
    if not isinstance(data, dict) or not isinstance(data.get("paths"), dict):
        raise FileError(path, None, "there are no paths in it", expected="an OpenAPI document, version 2 or 3")
    return data


def _upgrade(document: OpenApiDocument) -> None:
    """Turn what a document of version 2 says into the words of version 3."""
    data = document.data
    schemes = data.get("schemes")
    scheme = "https" if not isinstance(schemes, list) or "https" in schemes else str(next(iter(schemes), "https"))
    base = f"{data.get('basePath') or ''}".rstrip("/")
    data["servers"] = [{"url": f"{scheme}://{data['host']}{base}" if data.get("host") else base}]
    given = document.resolved(data.get("securityDefinitions"))
    data["components"] = {"securitySchemes": {n: _security(document.resolved(s)) for n, s in given.items()}}
    for path, item in list(data["paths"].items()):
        if isinstance(item, dict):
            data["paths"][path] = {
                name: _operation(document, item, part) if isinstance(part, dict) and name != "parameters" else part
                for name, part in document.resolved(item).items()
            }


def _security(scheme: Json) -> Json:
    return {"type": "http", "scheme": "basic"} if scheme.get("type") == "basic" else scheme


def _operation(document: OpenApiDocument, item: Json, operation: Json) -> Json:
    """Return one operation of version 2 in the form of version 3."""
    given = [document.resolved(p) for p in [*item.get("parameters", []), *operation.get("parameters", [])]]
    made = {**operation, "parameters": []}
    form: Json = {}
    for parameter in given:
        if parameter.get("in") == "body":
            made["requestBody"] = {"content": {_kind(document, operation, "consumes"): parameter}}
        elif parameter.get("in") == "formData":
            form[str(parameter.get("name"))] = parameter
        else:
            made["parameters"].append({"schema": parameter, **parameter})
    if form:
        required = [name for name, parameter in form.items() if is_required(parameter)]
        schema = {"type": "object", "properties": form, "required": required}
        made["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    produces = _kind(document, operation, "produces")
    answers = document.resolved(operation.get("responses")).items()
    made["responses"] = {
        code: {"content": {produces: found}} if (found := document.resolved(answer)).get("schema") else found
        for code, answer in answers
    }
    return made


def _kind(document: OpenApiDocument, operation: Json, name: str) -> str:
    kinds = operation.get(name) or document.data.get(name)
    known = [str(kind) for kind in kinds] if isinstance(kinds, list) else []
    return next((kind for kind in known if "json" in kind), "application/json")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader that keeps dates as text. libyaml's parser, where PyYAML has it, is ten times as fast."""


_Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
