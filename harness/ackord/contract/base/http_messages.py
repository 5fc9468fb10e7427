"""What travels: requests as they will be sent and answers as they came, and what varies from one sending to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["HttpRequest", "HttpResponse", "TimestampNonce"]


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
    """Names in lower case."""
    body: bytes
    truncated: bool = False
    """The body was cut: at the limit of bytes, or by the connection."""


class TimestampNonce(NamedTuple):
    """What makes one sending differ from the next, though it says the same: the civil time, and a number used once."""

    unix_s: int = 0
    nonce: str = "0"
    """Letters and digits; 32 at most."""
