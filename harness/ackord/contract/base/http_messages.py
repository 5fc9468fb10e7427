"""Define requests as they will be sent, answers as they came, and what varies from one sending to the next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

__all__ = ["HttpRequest", "HttpResponse", "TimestampNonce", "combined_fields", "header_name", "joined_fields"]

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")


class HttpRequest(NamedTuple):
    """A request as it will be sent; the client adds ``host`` and ``content-length``."""

    method: str
    target: str
    """Path and query: ``/v1/orders?limit=5``."""
    headers: tuple[tuple[str, str], ...]
    body: bytes


class HttpResponse(NamedTuple):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; made by ``combined_fields``, so that every vantage and transport reads the same."""
    body: bytes
    truncated: bool = False
    """The body was cut: at the limit of bytes, or by the connection."""


class TimestampNonce(NamedTuple):
    """What makes one sending differ from the next, though it says the same: the civil time, and a number used once."""

    unix_s: int = 0
    nonce: str = "0"
    """Letters and digits; 32 at most."""


def combined_fields(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return a response's header fields by name in lower case, as Latin-1.

    Values of one name are joined by ", " in their order (RFC 9110, 5.2). ``Set-Cookie`` cannot be joined (5.3), so its
    first value is kept.
    """
    return joined_fields((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in fields)


def joined_fields(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join the values of each name as ``combined_fields`` does; names are in lower case."""
    joined: dict[str, str] = {}
    for name, value in fields:
        if name not in joined:
            joined[name] = value
        elif name != "set-cookie":
            joined[name] = f"{joined[name]}, {value}"
    return joined


def header_name(name: str) -> str:
    """Return ``name``. Raises ``ValueError`` if no header can have it."""
    if not _HEADER.match(name):
        raise ValueError("expected a header's name: letters, digits and hyphens")
    return name
