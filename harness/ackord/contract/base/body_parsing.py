"""Decompress bodies, within bounds, and read facts from what stands in them. The only error is ``UnreadableBody``."""

from __future__ import annotations

import zlib
from decimal import Decimal
from typing import Any

from ...core.money import Money
from .amounts import AmountUnits
from .http_messages import HttpResponse
from .json_path import MISSING

__all__ = [
    "MAX_INFLATED",
    "UnreadableBody",
    "UnwritableBody",
    "body_bytes",
    "digits",
    "json_type_of",
    "major_amount",
    "minor_amount",
    "shortened",
    "text_of",
    "whole_number",
]

MAX_TEXT = 256
"""Characters of an identifier; a longer one is not believed."""
MAX_INFLATED = 1 << 24
"""Bytes that a compressed body may grow to."""


class UnreadableBody(Exception):
    """An answer, or a part of it, that has no reading; the text says why."""


class UnwritableBody(Exception):
    """No answer can be written that a rule reads as what is meant; the text says why."""


def body_bytes(answer: HttpResponse) -> bytes:
    """The body, decompressed if it has to be. Raises ``UnreadableBody``."""
    body = answer.body
    if answer.truncated:
        raise UnreadableBody(f"{answer.status}, cut off after {len(body)} bytes")
    encoding = answer.headers.get("content-encoding", "") if body else ""
    return body if encoding in ("", "identity") else _inflated(answer, encoding)


def _inflated(answer: HttpResponse, encoding: str) -> bytes:
    """httpx decompresses by itself and leaves the header: what does not look compressed is taken as it is."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableBody(f"{answer.status}, the content encoding {encoding[:20]!r} is not known")
    if encoding != "deflate" and not answer.body.startswith(b"\x1f\x8b"):
        return answer.body
    inflater = zlib.decompressobj(47 if encoding != "deflate" else 15)
    try:
        body = inflater.decompress(answer.body, MAX_INFLATED)
    except zlib.error:
        if encoding == "deflate":
            return answer.body
        raise UnreadableBody(f"{answer.status}, the compressed body is damaged") from None
    if not inflater.eof:
        raise UnreadableBody(f"{answer.status}, the compressed body is cut off or over {MAX_INFLATED >> 20} MiB")
    return body


def text_of(value: Any, what: str) -> str | None:
    """Return an identifier or a word as text. A whole number becomes text.

    Absent, null and empty are ``None``. Raises ``UnreadableBody``.
    """
    if value is MISSING or value is None or value == "":
        return None
    if type(value) is str:
        if len(value) <= MAX_TEXT and (value.isascii() or value.isprintable()):  # a lone surrogate is not printable
            return value
        raise UnreadableBody(f"{what} is too long or not text")
    if type(value) is int:
        return str(value)
    raise UnreadableBody(f"{what} is {json_type_of(value)}, expected text")


def whole_number(value: Any, what: str) -> int | None:
    """Return an amount in minor units; absent and null are ``None``.

    Raises ``UnreadableBody`` for anything but a JSON integer.
    """
    if type(value) is int:
        if abs(value) < 1 << 63:
            return value
        raise UnreadableBody(f"{what} is out of range")
    if value is MISSING or value is None:
        return None
    raise UnreadableBody(f"{what} is {json_type_of(value)}, expected a whole number")


def digits(value: Any, what: str) -> int | None:
    """A whole number where the format knows only text (a form, XML). Raises ``UnreadableBody``."""
    if type(value) is str and value and len(value) < 20 and value.removeprefix("-").isdecimal() and value.isascii():
        return int(value)
    return whole_number(None if value == "" else value, what)


def major_amount(value: Any, currency: str, what: str) -> int | None:
    """Convert an amount in major units, ``"19.99"`` or ``19.99``, to minor units; absent and null are ``None``.

    Raises ``UnreadableBody``.
    """
    if value is MISSING or value is None or value == "":
        return None
    if type(value) not in (str, int, float) or (
        type(value) is str
        and (len(value) > 40 or not value.isascii() or "_" in value)  # Python reads 1_000 as a number
    ):
        raise UnreadableBody(f"{what} is {json_type_of(value)}, expected an amount such as 19.99")
    try:
        amount = Money.from_major(Decimal(str(value)), currency).amount_minor
    except (ValueError, ArithmeticError):
        raise UnreadableBody(f"{what} is no amount of {currency}") from None
    return whole_number(amount, what)


def minor_amount(value: Any, currency: str, units: AmountUnits, what: str, *, typed: bool = True) -> int | None:
    """Convert an amount in the provider's minor units to those of ISO 4217; absent and null are ``None``.

    ``typed``: the format tells numbers from texts. Raises ``UnreadableBody``.
    """
    minor = whole_number(value, what) if typed and not units.as_text else digits(value, what)
    try:
        return None if minor is None else units.of_minor(minor, currency)
    except ValueError as why:
        raise UnreadableBody(f"{what}: {why}") from None


def currency_code(value: Any, what: str) -> str | None:
    """Return an ISO 4217 code in capital letters; absent, null and empty are ``None``. Raises ``UnreadableBody``."""
    if value is MISSING or value is None or value == "":
        return None
    if type(value) is not str or len(value) != 3 or not (value.isascii() and value.isalpha()):
        raise UnreadableBody(f"{what} is {shortened(repr(value))}, expected an ISO 4217 code such as EUR")
    return value.upper()


def shortened(text: str, most: int = 48) -> str:
    """Text of somebody else's, fit for one line: ``most`` characters at most, printable."""
    shown = text[:most]
    return shown if shown.isprintable() else ascii(shown)[1:-1]


def json_type_of(value: Any) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", str: "text", float: "a fraction"}
    return names.get(type(value), "of another type")
