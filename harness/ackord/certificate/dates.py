"""Turns seconds since 1970 into the times of a certificate and back: UTC, ISO 8601, to the second."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["unix_of", "unix_of_http", "written"]

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def written(unix_s: int) -> str:
    """Return a time as text: ``2026-01-02T03:04:05Z``."""
    return datetime.fromtimestamp(unix_s, UTC).strftime(_FORM)


def unix_of(text: str) -> int:
    """Return the seconds since 1970 of such a text. Raises ``ValueError`` for any other spelling."""
    unix_s = round(datetime.strptime(text, _FORM).replace(tzinfo=UTC).timestamp())
    if written(unix_s) != text:
        raise ValueError(f"expected a time such as 2026-01-02T03:04:05Z, found {text!r}")
    return unix_s


def unix_of_http(text: str) -> int | None:
    """Return the seconds since 1970 of an HTTP ``Date``; ``None``: it is none."""
    try:
        return round(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
