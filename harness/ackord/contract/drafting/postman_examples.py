"""Reads a submit and a query from a Postman collection (format 2.0 or 2.1).

Variables of the collection are filled in. Those that have no value are told apart by their names: the merchant's own
number, the provider's identifier, or something to be filled in.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from ...errors import FileError
from ..base.http_messages import HttpRequest, HttpResponse
from ..base.variables import as_uuid
from .draft import TODO, DraftInput
from .field_names import is_amount, is_id, name_score
from .operation_choice import ASKING, submit_likeness
from .value_roles import ExampleExchange, document_of, leaves

__all__ = ["read_postman"]

_MAX_BYTES = 16 << 20
_NUMBER, _ID, _CALL_UUID = "ORDERNUMBER0001", "PROVIDERID0001", as_uuid("a request")
_VARIABLE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_PATH_VARIABLE = re.compile(r"(?<=/):([A-Za-z_][\w-]*)")

Json = dict[str, Any]


class _PostmanItem(NamedTuple):
    """One request of the collection."""

    title: str
    method: str
    url: str
    """As it is written, with its variables."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    answer: HttpResponse | None


def read_postman(path: Path) -> DraftInput:
    """Read the collection. Raises ``FileError`` if it is none, or has no such pair of requests."""
    try:
        raw = path.read_bytes()
        data: Any = json.loads(raw) if len(raw) <= _MAX_BYTES else None
    except OSError as error:
        raise FileError(path, None, f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(path, None, f"this is not JSON ({str(error)[:80]})") from None
    if not isinstance(data, dict) or not isinstance(data.get("item"), list):
        raise FileError(path, None, "there are no requests in it", expected="a Postman collection, format 2.1")
    items = list(_items(data, data.get("auth")))
    values = {str(v.get("key")): str(v.get("value") or "") for v in _dicts(data.get("variable"))}
    submit = max(items, key=_submit_score, default=None)
    if submit is None or _submit_score(submit) <= 0:
        raise FileError(
            path, None, "no POST or PUT in it looks like submitting a payment", mend="give two curl commands: --curl"
        )
    query = max((i for i in items if i is not submit), key=lambda i: _query_score(i, submit), default=None)
    if query is None or _query_score(query, submit) <= 0:
        what = f"nothing in it looks like asking for one order of {submit.title}"
        raise FileError(path, None, what, mend="give two curl commands: --curl")
    return DraftInput(
        _example(submit, values),
        _example(query, values),
        f'the Postman collection {path.name}: "{_line(submit.title)}", "{_line(query.title)}"',
        provider_id=_ID,
        variables={_CALL_UUID: "${nonce.uuid}"},
        asked=_asked(query),
    )


def _dicts(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _items(node: Json, auth: Any) -> Iterator[_PostmanItem]:
    """Yield the requests of a collection or a folder; ``auth`` is what they inherit."""
    for item in _dicts(node.get("item")):
        inherited = item.get("auth", auth)
        if isinstance(item.get("item"), list):
            yield from _items(item, inherited)
            continue
        request = item.get("request")
        if not isinstance(request, dict):
            continue
        given = [
            (str(h.get("key")), str(h.get("value"))) for h in _dicts(request.get("header")) if not h.get("disabled")
        ]
        kind, body = _body(request.get("body"))
        if kind and not any(name.lower() == "content-type" for name, _ in given):
            given.append(("Content-Type", kind))
        headers = (*_auth(request.get("auth", inherited)), *given)
        method = str(request.get("method") or "GET").upper()
        yield _PostmanItem(str(item.get("name", "")), method, _url(request.get("url")), headers, body, _answer(item))


def _url(url: Any) -> str:
    if not isinstance(url, dict):
        return str(url or "")
    raw = str(url.get("raw") or "")
    disabled = {str(q.get("key")) for q in _dicts(url.get("query")) if q.get("disabled")}
    head, mark, query = raw.partition("?")
    kept = [pair for pair in query.split("&") if pair.partition("=")[0] not in disabled]
    return head + mark + "&".join(kept) if kept and mark else head


def _body(body: Any) -> tuple[str, bytes]:
    """Return the type and the text of a body; both empty without one that a contract can write."""
    if not isinstance(body, dict):
        return "", b""
    if body.get("mode") == "raw":
        return "application/json", str(body.get("raw") or "").encode()
    if body.get("mode") == "urlencoded":
        pairs = [(str(p.get("key")), str(p.get("value") or "")) for p in _dicts(body.get("urlencoded"))]
        return "application/x-www-form-urlencoded", urlencode(pairs, safe="{}$").encode()
    return "", b""


def _auth(auth: Any) -> Iterator[tuple[str, str]]:
    kind = auth.get("type") if isinstance(auth, dict) else None
    if kind in ("bearer", "oauth2"):
        yield "Authorization", "Bearer TODO"
    elif kind == "basic":
        yield "Authorization", f"Basic {base64.b64encode(b'x:y').decode()}"
    elif kind == "apikey" and isinstance(auth, dict):
        fields = {str(f.get("key")): str(f.get("value")) for f in _dicts(auth.get("apikey"))}
        if fields.get("in", "header") == "header":
            yield fields.get("key", "Authorization"), TODO


def _answer(item: Json) -> HttpResponse | None:
    """Return the first saved answer that is a success."""
    for saved in _dicts(item.get("response")):
        code = saved.get("code")
        if isinstance(code, int) and 200 <= code < 300 and isinstance(saved.get("body"), str):
            return HttpResponse(code, {}, saved["body"].encode())
    return None


# -- which requests ----------------------------------------------------------------------------------------------------


def _path(item: _PostmanItem) -> str:
    """Return an address's path, its variables as parameters: ``/payments/{id}``."""
    text = _VARIABLE.sub(lambda m: f"{{{m[1]}}}", re.sub(r"^(https?://[^/]+|\{\{[^}]+\}\})", "", item.url))
    return _PATH_VARIABLE.sub(lambda m: f"{{{m[1]}}}", text.partition("?")[0])


def _names(item: _PostmanItem) -> list[str]:
    sent = _VARIABLE.sub("1", item.body.decode("utf-8", "replace")).encode()
    return [leaf.name for leaf in leaves(document_of(sent))] if item.body else []


def _submit_score(item: _PostmanItem) -> int:
    if item.method not in ("POST", "PUT"):
        return 0
    return submit_likeness(item.method, _path(item), f"{_path(item)} {item.title}", _names(item) or [""])


def _asked(item: _PostmanItem) -> str:
    """Return the parameter that names an order in a query: the last of its path, or the likeliest of its body."""
    found = re.findall(r"\{([^}]+)\}", _path(item))
    named = [name for name in _names(item) if is_id(name) or name_score(name)]
    return str(found[-1]) if found else max(named, key=name_score, default="")


def _query_score(item: _PostmanItem, submit: _PostmanItem) -> int:
    path, base = _path(item), re.sub(r"/(create|new)$", "", _path(submit).rstrip("/"))
    if submit.method == "PUT":
        base = base.rpartition("/")[0]
    asks = item.method == "POST" and ASKING.search(f"{path} {item.title}") and not any(map(is_amount, _names(item)))
    if (item.method != "GET" and not asks) or not (_asked(item) or "?" in item.url):
        return 0
    near = path.startswith((f"{base}/", base.rpartition("/")[0] + "/"))
    return 8 * path.startswith(f"{base}/") + 4 * near + 2 * (item.method == "GET") - path.count("/")


# -- examples of them --------------------------------------------------------------------------------------------------


def _example(item: _PostmanItem, values: Json) -> ExampleExchange:
    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if values.get(name):
            return str(values[name])
        if name.startswith("$"):
            return _CALL_UUID if re.search(r"guid|uuid", name, re.IGNORECASE) else TODO
        return _NUMBER if name_score(name) >= 2 else _ID if is_id(name) else TODO

    for _ in range(3):  # a variable's value may hold another one
        values = {name: _VARIABLE.sub(filled, value) for name, value in values.items()}
    url = _PATH_VARIABLE.sub(filled, _VARIABLE.sub(filled, item.url))
    parts = urlsplit(url if "://" in url else f"https://{url}" if not url.startswith("/") else url)
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc and TODO not in parts.netloc else ""
    target = quote(parts.path or "/", safe="/%~") + (f"?{parts.query}" if parts.query else "")
    headers = tuple((name, _VARIABLE.sub(filled, value)) for name, value in item.headers)
    body = _VARIABLE.sub(filled, item.body.decode("utf-8", "replace"))
    return ExampleExchange(origin, HttpRequest(item.method, target, headers, body.encode()), item.answer)


def _line(text: str) -> str:
    return " ".join(text.split())[:60]
