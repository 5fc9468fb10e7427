"""Say more of a callback that is not genuine: what its signature was made over, where that can be found out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..base.http_messages import HttpRequest

__all__ = ["explained"]

_STYLES: tuple[dict[str, Any], ...] = (
    {"separators": (",", ":")},
    {},
    {"indent": 2},
    {"indent": 4},
    {"separators": (",", ":"), "sort_keys": True},
    {"sort_keys": True},
)
"""How programs commonly write JSON."""


def explained(
    request: HttpRequest, problem: str, verifies: Callable[[HttpRequest], bool], before: Sequence[HttpRequest]
) -> str:
    """Return ``problem``, and what the signature belongs to if it is that of a callback ``before`` this one or of the
    same content in other bytes. ``verifies`` tells whether a request would be genuine.
    """
    if any(verifies(request._replace(body=other.body)) for other in before if other.body != request.body):
        return f"{problem}: it is that of an earlier callback"
    if any(verifies(request._replace(body=body)) for body in _written_otherwise(request.body)):
        return f"{problem}: it was made over the same content in other bytes, which were written anew after signing"
    return problem


def _written_otherwise(body: bytes) -> Iterator[bytes]:
    if body.strip() != body:
        yield body.strip()
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return
    for style in _STYLES:
        for ascii_only in (True, False):
            text = json.dumps(document, ensure_ascii=ascii_only, **style)
            try:
                written = text.encode()
            except UnicodeEncodeError:  # a lone surrogate
                continue
            if written != body:
                yield written
