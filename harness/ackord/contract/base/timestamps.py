"""Read and write the timestamps in rows.

They are ISO 8601, seconds or milliseconds since 1970, or a ``strptime`` format with a time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .body_parsing import UnreadableBody, digits, json_type_of, shortened
from .json_path import MISSING
from .variables import split_format

__all__ = ["TimestampFormat"]

_PROBE = datetime(2026, 11, 27, 13, 45, 59, tzinfo=UTC)
_NAMED_ZONE = " %Z"
_ABBREVIATIONS = {
    "UTC": "+00:00", "GMT": "+00:00", "CET": "+01:00", "CEST": "+02:00", "EST": "-05:00", "EDT": "-04:00",
    "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
"""Zones that statements abbreviate; an abbreviation of several zones, such as CST, is none."""
_COUNTED = {"unix": 1, "unix_ms": 1000}
"""How many there are in a second."""


_FIELDS = {"Y": "year", "m": "month", "d": "day", "H": "hour", "M": "minute", "S": "second"}


def _numbers(pattern: str) -> re.Pattern[str] | None:
    """Return what finds the numbers of a time in a format of numbers of fixed width; ``None`` for another one."""
    parts = re.split(r"%(.)", pattern)
    names = parts[1::2]
    if not set(names) <= _FIELDS.keys() or len(set(names)) < len(names) or not {"Y", "m", "d"} <= set(names):
        return None
    if any((" " in text and text.strip(" ") != "") or "\t" in text for text in parts[::2]):
        return None
    found = [
        re.escape(text) if n % 2 == 0 else rf"(?P<{text}>\d{{{4 if text == 'Y' else 2}}})"
        for n, text in enumerate(parts)
    ]
    return re.compile("".join(found))


class TimestampFormat:
    """One timestamp format, for reading and for writing. Fractions of a second are dropped."""

    def __init__(self, form: str) -> None:
        """Compile ``form``: ``iso8601``, ``unix``, ``unix_ms``, or a format, followed by ``|ZONE`` if that is not UTC.

        Raises ``ValueError`` for a format without the day.
        """
        self._per_s = _COUNTED.get(form)
        self._numbers: re.Pattern[str] | None = None
        self._parse: Callable[[str], datetime] = datetime.fromisoformat
        self._pattern, self._zone = "%Y-%m-%dT%H:%M:%SZ", None
        if form != "iso8601" and self._per_s is None:
            self._pattern, self._zone = split_format(form)
            self._numbers = _numbers(self._pattern)
            self._parse = self._with_zone if self._pattern.endswith(_NAMED_ZONE) else self._plain
            written = _PROBE.astimezone(self._zone)
            try:
                lost = self._parse(written.strftime(self._pattern)).date() != written.date()
            except ValueError:
                lost = True
            if lost:
                raise ValueError(f"{form!r} is no format of strptime that tells the day")

    def _plain(self, text: str) -> datetime:
        """Parse a time; one of numbers alone in a tenth of the time that ``strptime`` takes. Raises ``ValueError``."""
        match = None if self._numbers is None else self._numbers.fullmatch(text)
        if match is None or not text.isascii():
            return datetime.strptime(text, self._pattern)
        return datetime(**{_FIELDS[name]: int(value) for name, value in match.groupdict().items()})  # type: ignore[arg-type]

    def _with_zone(self, text: str) -> datetime:
        """Parse a time that ends with its zone: ``Europe/Berlin``, ``+01:00`` or ``CET``. Raises ``ValueError``."""
        before, _, zone = text.rpartition(" ")
        _, found = split_format(f"|{_ABBREVIATIONS.get(zone, zone)}")
        return datetime.strptime(before, self._pattern.removesuffix(_NAMED_ZONE)).replace(tzinfo=found)

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
