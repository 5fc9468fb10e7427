"""Reads HAR 1.2 files, as browsers and proxies write them: requests, answers and instants of each entry.

Every entry is read conservatively. Instants are as coarse as they were written, so a completion is put as late as it
may have been; an exchange that is said to come after another one then certainly does. A body shorter than its stated
size was truncated. An answer without a status never came.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from ..contract.base.http_messages import HttpRequest, HttpResponse
from ..core.clock import MS, SECOND
from ..errors import FileError
from .har_items import har_items

__all__ = ["MAX_BYTES", "HarEntry", "har_entries", "read_har"]

MAX_BYTES = 64 << 20
"""``read_har`` refuses larger files, because it holds all entries in memory."""

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?\s*(?:([Zz])|([+-])(\d\d):?(\d\d))\Z"
)
_TIMINGS = ("blocked", "dns", "connect", "send", "wait", "receive")
_NEVER_KEPT = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers of the transferred answer that are dropped, because a HAR holds the decoded body."""


class HarEntry(NamedTuple):
    """One exchange. ``answer`` is ``None`` if there was none."""

    url: str
    request: HttpRequest
    answer: HttpResponse | None
    begin_ns: int
    """Nanoseconds since 1970; a lower bound."""
    complete_ns: int
    """Nanoseconds since 1970; an upper bound."""


class _UnusableEntry(Exception):
    """An entry with too little data; the text says what is missing."""


def read_har(path: Path) -> tuple[list[HarEntry], dict[str, int]]:
    """Return the entries sorted by begin, and the number of entries left out by reason. Raises ``FileError`` for a file
    that is no HAR, or is larger than ``MAX_BYTES``.
    """
    with suppress(OSError):  # what cannot be read is told by the reading
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileError(
                path,
                None,
                f"the file has {size / (1 << 20):.0f} MiB, and at most {MAX_BYTES >> 20} MiB are read",
                mend="export only the provider's host, or cut the recording into several files",
            )
    left_out: Counter[str] = Counter()
    return sorted(har_entries(path, left_out), key=lambda entry: entry.begin_ns), left_out


def har_entries(
    path: Path, left_out: Counter[str], progress: Callable[[int], None] | None = None
) -> Iterator[HarEntry]:
    """Yield the entries one after another as they stand in the file, and count in ``left_out``, by reason, those that
    say too little.

    ``progress`` is told how many bytes are read. Raises ``FileError`` as ``har_items`` does.
    """
    for item in har_items(path, progress):
        try:
            yield _entry(item)
        except _UnusableEntry as why:
            left_out[str(why)] += 1


def _entry(item: Any) -> HarEntry:
    """Parse an entry. Raises ``_UnusableEntry``."""
    request = _part(item, "request")
    method, url = request.get("method"), request.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise _UnusableEntry("no method or address")
    begin_ns, resolution_ns = _instant(item.get("startedDateTime"))
    parts = urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    sent = HttpRequest(method.upper(), target, tuple(_headers(request)), _sent_body(request))
    complete_ns = begin_ns + _duration_ns(item) + resolution_ns
    return HarEntry(url, sent, _answer(item.get("response")), begin_ns, complete_ns)


def _part(item: Any, name: str) -> dict[str, Any]:
    part = item.get(name) if isinstance(item, dict) else None
    if not isinstance(part, dict):
        raise _UnusableEntry(f"no {name}")
    return part


def _instant(text: Any) -> tuple[int, int]:
    """Return nanoseconds since 1970, and the weight of the last digit written. Raises ``_UnusableEntry``."""
    match = _INSTANT.match(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise _UnusableEntry("no startedDateTime with a zone")
    year, month, day, hour, minute, second, fraction, utc, sign, zone_hours, zone_minutes = match.groups()
    zone = UTC
    if not utc:
        offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
        zone = timezone(-offset if sign == "-" else offset)
    try:
        whole = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone)
    except ValueError:
        raise _UnusableEntry("no startedDateTime with a zone") from None
    digits = fraction or ""
    seconds = int((whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return seconds * SECOND + int(digits.ljust(9, "0")), SECOND // 10 ** len(digits)


def _duration_ns(item: Mapping[str, Any]) -> int:
    """Return the duration; -1 means unknown in a HAR. Raises ``_UnusableEntry`` if neither ``time`` nor its parts are
    given.
    """
    whole = _milliseconds(item.get("time"))
    timings = item.get("timings")
    parts = [_milliseconds(timings.get(name)) for name in _TIMINGS] if isinstance(timings, dict) else []
    known = [part for part in parts if part is not None]
    if whole is None and not known:
        raise _UnusableEntry("no time")
    return int(max(whole or 0.0, sum(known)) * MS)


def _milliseconds(value: Any) -> float | None:
    usable = type(value) in (int, Decimal) and 0 <= value < 10**9
    return float(value) if usable else None


def _headers(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    headers = part.get("headers")
    for header in headers if isinstance(headers, list) else []:
        name, value = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
        if isinstance(name, str) and isinstance(value, str) and not name.startswith(":"):
            yield name, value


def _sent_body(request: Mapping[str, Any]) -> bytes:
    data = request.get("postData")
    if not isinstance(data, dict):
        return b""
    text = data.get("text")
    if isinstance(text, str) and text:
        return _bytes(text, data.get("encoding"))
    fields = data.get("params")
    pairs = [
        (field["name"], field.get("value") or "")
        for field in (fields if isinstance(fields, list) else [])
        if isinstance(field, dict) and isinstance(field.get("name"), str) and isinstance(field.get("value", ""), str)
    ]
    return urlencode(pairs).encode()


def _bytes(text: str, encoding: Any) -> bytes:
    if encoding == "base64":
        try:
            return base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            return b""
    return text.encode("utf-8", "surrogatepass")


def _answer(response: Any) -> HttpResponse | None:
    """Parse the answer; ``None`` if there was none (browsers then write the status 0)."""
    if not isinstance(response, dict):
        return None
    status = response.get("status")
    if type(status) is not int or not 100 <= status <= 599:
        return None
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    text = content.get("text")
    body = _bytes(text, content.get("encoding")) if isinstance(text, str) else b""
    size = content.get("size")
    headers = {name.lower(): value for name, value in _headers(response) if name.lower() not in _NEVER_KEPT}
    return HttpResponse(status, headers, body, truncated=type(size) is int and len(body) < size)
