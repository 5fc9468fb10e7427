"""Builds the gateway's own answers in the provider's stead: errors, a CDN's page, redirects, not found. No sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

from .fault_params import REDIRECT, STALE, SUBSTITUTION

__all__ = ["REDIRECT_MARK", "SyntheticResponse", "is_redirected", "synthetic_response", "wire_bytes"]

REDIRECT_MARK = "ackord-redirected=1"
"""Marks, in the query, a request that follows the gateway's redirect, so that it is not redirected again."""

_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
"""Characters that a location keeps unescaped. Any other, such as a line end, could inject a second answer."""
_JSON = "application/json"
_HTML = "text/html; charset=utf-8"
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{status} {phrase}</title></head>
<body>
<h1>{status} {phrase}</h1>
<p>The edge network could not get a valid answer from the origin server. Please try again in a few minutes.</p>
<hr>
<p>edge node ack-01 &middot; request 7d0f2c41</p>
</body>
</html>
"""


class SyntheticResponse(NamedTuple):
    """An answer of the gateway's own."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Without what frames the message."""
    body: bytes


def synthetic_response(fault: str, params: Mapping[str, Any], target: str) -> SyntheticResponse:
    """What ``fault`` answers to a request for ``target``. Raises ``KeyError`` for a fault that answers nothing."""
    if fault == REDIRECT:
        where = params["location"]
        # A target is bytes read as Latin-1; a location was written by people.
        location = quote(_elsewhere(target), _VISIBLE, "latin-1") if where is None else quote(where, _VISIBLE)
        return _redirect(params["status"], location)
    if fault == STALE:
        return SyntheticResponse(
            params["status"], *_typed({"code": "ORDER_NOT_FOUND"} if params["body"] is None else params["body"])
        )
    if fault != SUBSTITUTION:
        raise KeyError(fault)
    status, body = params["status"], params["body"]
    if params["page"] is not None:
        body = _PAGE.format(status=status, phrase=_phrase(status) or "Error")
    headers, content = _typed({"code": params["code"]} if body is None else body)
    if params["retry_after_s"] is not None:
        headers = (*headers, ("retry-after", str(params["retry_after_s"])))
    return SyntheticResponse(status, headers, content)


def is_redirected(target: str) -> bool:
    """Return whether a request follows a redirect of the gateway."""
    return REDIRECT_MARK in target.partition("?")[2].split("&")


def wire_bytes(answer: SyntheticResponse, *, head_only: bool, close: bool) -> bytes:
    """The answer as a message of HTTP/1.1; ``close`` announces that the connection ends with it."""
    status, headers, body = answer
    lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
    lines += [f"{'-'.join(part.capitalize() for part in name.split('-'))}: {value}" for name, value in headers]
    if status in (204, 304):
        body = b""
    else:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return head if head_only else head + body


def _redirect(status: int, location: str) -> SyntheticResponse:
    return SyntheticResponse(status, (("location", location), ("content-type", _JSON)), b'{"code":"MOVED"}')


def _elsewhere(target: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{REDIRECT_MARK}"


def _typed(body: Any) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Text as it is (HTML if it looks like it), anything else as JSON."""
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    kind = _HTML if isinstance(body, str) and body.lstrip().startswith("<") else _JSON
    return (("content-type", kind),), text.encode("utf-8", "replace")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
