"""Says which headers of an example request belong into a contract."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.http_messages import HttpRequest
from .field_names import words_of
from .value_roles import is_secret

__all__ = ["LEFT_OUT", "made_anew", "own_headers"]

LEFT_OUT = frozenset(
    "accept accept-encoding accept-language cache-control connection content-length cookie host origin "
    "pragma priority referer te user-agent".split()
)
"""What every client sends."""
_SIGNING = frozenset({"sign", "signature", "digest", "hmac", "nonce", "timestamp"})
"""Words in the names of headers that are made anew for each request."""


def own_headers(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Return the significant headers, without those that every client sends and those that sign."""
    for name, value in request.headers:
        lower = name.lower()
        usual = lower in LEFT_OUT or lower.startswith(("sec-", "x-forwarded")) or is_secret(name)
        if not usual and not (
            lower == "content-type" and value.startswith(("application/json", "application/x-www-form"))
        ):
            yield name, value


def made_anew(submit: HttpRequest, query: HttpRequest) -> list[str]:
    """Return the headers that sign a request, or say when it was made: their examples are of no use."""
    others = {name.lower(): value for name, value in query.headers}
    return [
        name
        for name, value in own_headers(submit)
        if (words := set(words_of(name))) & _SIGNING
        or ("time" in words and value.isdecimal() and others.get(name.lower(), value) != value)
    ]
