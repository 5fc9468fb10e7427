"""Read and write the timestamps in rows.

They are ISO 8601, seconds or milliseconds since 1970, or a ``strptime`` format with a time zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .body_parsing import UnreadableBody, digits, json_type_of, shortened
from .json_path import MISSING
from .variables import split_format

__all__ = ["TimestampFormat"]

_PROBE = datetime(2026, 11, 27, 13, 45, 59, tzinfo=UTC)
_COUNTED = {"unix": 1, "unix_ms": 1000}
"""How many there are in a second."""


class TimestampFormat:
    """One timestamp format, for reading and for writing. Fractions of a second are dropped."""

    def __init__(self, form: str) -> None:
        """Compile ``form``: ``iso8601``, ``unix``, ``unix_ms``, or a format, followed by ``|ZONE`` if that is not UTC.

        Raises ``ValueError`` for a format without the day.
        """
        self._per_s = _COUNTED.get(form)
        self._parse: Callable[[str], datetime] = datetime.fromisoformat
        self._pattern, self._zone = "%Y-%m-%dT%H:%M:%SZ", None
        if form != "iso8601" and self._per_s is None:
            self._pattern, self._zone = split_format(form)
            self._parse = lambda text: datetime.strptime(text, self._pattern)
            written = _PROBE.astimezone(self._zone)
            try:
                lost = self._parse(written.strftime(self._pattern)).date() != written.date()
            except ValueError:
                lost = True
            if lost:
                raise ValueError(f"{form!r} is no format of strptime that tells the day")

    def read(self, value: Any, what: str) -> int:
        """Seconds since 1970. Raises ``UnreadableBody``."""
        if value is MISSING or value is None or value == "":
            raise UnreadableBody(f"{what} is missing")
        if self._per_s is not None:
            counted = digits(value, what)
            assert counted is not None  # nothing but a missing value is none
            return counted // self._per_s
        if type(value) is not str:
            raise UnreadableBody(f"{what} is {json_type_of(value)}, expected text")
        try:
            found = self._parse(value)
            if found.tzinfo is None and self._zone is None:
                raise UnreadableBody(f"{what}, {shortened(value)}, does not say its zone")
            return int((found if found.tzinfo is not None else found.replace(tzinfo=self._zone)).timestamp())
        except (ValueError, OverflowError):
            raise UnreadableBody(f"{what} cannot be read: {shortened(value)}") from None

    def write(self, unix_s: int) -> str | int:
        if self._per_s is not None:
            return unix_s * self._per_s
        return datetime.fromtimestamp(unix_s, self._zone or UTC).strftime(self._pattern)
