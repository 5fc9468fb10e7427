"""Formats instants, amounts, counts and untrusted text for reports."""

from __future__ import annotations

import contextlib
import re
import unicodedata

from ..core.clock import MS, SECOND
from ..core.money import Money
from ..core.verdict import Result
from ..masking import mask

__all__ = ["MEANINGS", "count", "in_ms", "milliseconds", "money", "printable", "relative", "short_count"]

MEANINGS = {
    Result.HELD: "it could have been broken, and was not",
    Result.VIOLATED: "it was broken, and no contract can allow that, or this one does not",
    Result.UNSAFE: "the contract allows this, and a naive merchant pays twice with it",
    Result.INCONCLUSIVE: "there was too little to judge it by: this is not a pass",
    Result.ERROR: "the judge itself failed: this is not a pass",
    Result.NOT_APPLICABLE: "the profile or the contract gives it nothing to judge",
}
"""What each result means, in one clause."""

_COMMAND = re.compile(
    r"::(?=(?:error|warning|notice|debug|group|endgroup|echo|add-mask|add-path|add-matcher|remove-matcher|save-state|"
    r"set-env|set-output|stop-commands)\b)|#(?=#(?:vso)?\[)",
    re.IGNORECASE,
)
"""How a line begins that GitHub Actions or Azure Pipelines obey in a job's log, whatever space is before it."""
_JOINERS = frozenset("\u00ad\u200c\u200d")
"""Format characters that words are written with; of the others nobody sees more than what they do to other text."""


def printable(text: str) -> str:
    """``text`` on one line, with nothing in it that a terminal or a CI system's log obeys: controls, marks of direction
    and what nobody sees become ``\\x1b``; what would begin a command, once a line is broken there, ``\\x3a:error``.

    Providers' answers end up in reports; an answer must not be able to colour, move or forge what stands around it.
    Secrets are masked, before a line's end can cut one in two.
    """
    text = mask(text)
    if "::" in text or "##" in text:
        text = _COMMAND.sub(lambda match: f"{_visible(match[0][0])}{match[0][1:]}", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(c) if _obeyed(c) else c for c in text)


def _obeyed(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in _JOINERS


def _visible(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def relative(ns: int) -> str:
    """Format an instant relative to another one: ``+0.84 ms``, ``-31.0 ms``, ``+203 ms``, ``+12.4 s``."""
    if abs(ns) >= 10 * SECOND:
        return f"{ns / SECOND:+,.1f} s"
    return f"{'+' if ns > 0 else ''}{in_ms(ns)} ms"


def in_ms(ns: int) -> str:
    """Format a duration in milliseconds without its unit, with three significant digits: ``0.84``, ``31.0``, ``203``,
    ``1,080``.
    """
    if ns == 0:
        return "0"
    places = 2 if abs(ns) < 10 * MS else 1 if abs(ns) < 100 * MS else 0
    return f"{ns / MS:,.{places}f}"


def milliseconds(ns: int) -> str:
    """Format a duration: ``0.84 ms``, ``203 ms``, ``12.4 s``."""
    return relative(ns).lstrip("+")


def money(amount_minor: int | None, currency: str) -> str:
    """Format an amount: ``19.99 EUR``; without a currency ``1,999 minor units``; without an amount empty."""
    if amount_minor is None:
        return ""
    if currency:
        with contextlib.suppress(ValueError):  # a journal may name anything as its currency
            return str(Money(amount_minor, currency))
    return f"{amount_minor:,} minor units"


def count(n: int, one: str, many: str = "") -> str:
    """Format a count: ``1 order``, ``2,000 orders``, ``2 queries``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def short_count(n: int) -> str:
    """Format a count in at most four characters (three up to 99,999): ``312``, ``1k``, ``12k``, ``340k``, ``12M``."""
    if n < 1000:
        return str(n)
    return f"{n // 1000}k" if n < 1_000_000 else f"{n // 1_000_000}M"
