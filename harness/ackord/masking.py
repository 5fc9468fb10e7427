"""Hides secrets in every text that leaves the process: console, journal, reports and errors.

``hide`` registers a secret for the whole process, because an error may be told far from where the secret was read.
``mask`` replaces it in each spelling in which an API, a log or an encoder may give it back: plain, percent-encoded in
any mixture, escaped for JSON, XML or HTML, in Base64 (at any offset, so Basic authentication too), and in hexadecimal.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

__all__ = [
    "MARK",
    "has_user_info",
    "hide",
    "longest_spelling",
    "mask",
    "mask_bytes",
    "mask_data",
    "may_hold_secret",
    "without_user_info",
]

MARK = "***"
_SHORTEST = 6
"""Shorter values are in every text by chance."""
_LONGEST = 512
"""Longer ones, such as private keys, are searched for as they are, line by line."""
_LONGEST_ESCAPE = 6
"""Characters for one: ``\\u0041``."""
_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]*@")


class _Secret:
    """One secret, and what finds it."""

    def __init__(self, value: str) -> None:
        raw = value.encode()
        in_hex = raw.hex()
        in_base64 = set(_base64_spellings(raw))
        patterns = [_pattern(value), *map(_pattern, in_base64), f"(?i:{in_hex})"]
        self._search = re.compile("|".join(patterns))
        runs = [max(re.findall(r"[A-Za-z0-9]+", text) or [""], key=len) for text in (value, *in_base64)]
        self._needles = {run for run in runs if run} | {in_hex, in_hex.upper()}
        self._always = not all(runs)

    def may_be_in(self, text: str) -> bool:
        return self._always or any(needle in text for needle in self._needles)

    def mask(self, text: str) -> str:
        return self._search.sub(MARK, text) if _is_escaped(text) or self.may_be_in(text) else text


class _LongSecret:
    """One long text, such as a key in PEM: its lines."""

    def __init__(self, value: str) -> None:
        lines = re.split(r"\\n|\s", value)
        self._lines = [line for line in {value, *lines} if len(line) >= 24 and "-----" not in line]

    def may_be_in(self, text: str) -> bool:
        return any(line in text for line in self._lines)

    def mask(self, text: str) -> str:
        for line in self._lines:
            if line in text:
                text = text.replace(line, MARK)
        return text


_secrets: dict[str, _Secret | _LongSecret] = {}


def hide(*values: str) -> None:
    """Register secrets; values of fewer than six characters cannot be told from other text and are ignored."""
    for value in values:
        if len(value) >= _SHORTEST and value not in _secrets:
            _secrets[value] = _Secret(value) if len(value) <= _LONGEST else _LongSecret(value)


def _is_escaped(text: str) -> bool:
    """Return whether letters and digits may be escaped in ``text``, which most encoders leave as they are."""
    return "%" in text or "\\u" in text or "&#" in text


def may_hold_secret(text: str) -> bool:
    """Return False if no registered secret can be in ``text``: most texts are soon known to hold none."""
    return bool(_secrets) and (_is_escaped(text) or any(secret.may_be_in(text) for secret in _secrets.values()))


def mask(text: str, also: Iterable[str] = ()) -> str:
    """Return ``text`` with ``***`` in place of every secret that was registered, and of those in ``also``."""
    for secret in sorted(_secrets, key=len, reverse=True) if _secrets else ():
        text = _secrets[secret].mask(text)
    for value in also:
        if len(value) >= _SHORTEST:
            text = _Secret(value).mask(text)
    return text


def longest_spelling() -> int:
    """Return how many characters the longest spelling of a registered secret may have; 0 without secrets."""
    return max((_LONGEST_ESCAPE * min(len(value.encode()), _LONGEST) for value in _secrets), default=0)


def mask_bytes(data: bytes) -> bytes:
    """Return ``data``, text or not, with secrets masked."""
    return mask(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape") if _secrets else data


def mask_data(data: Any) -> Any:
    """Return plain data (mappings, lists, texts, numbers) with secrets masked in its texts."""
    if not _secrets:
        return data
    if isinstance(data, str):
        return mask(data)
    if isinstance(data, dict):
        return {mask(key) if isinstance(key, str) else key: mask_data(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [mask_data(value) for value in data]
    return data


def without_user_info(url: str) -> str:
    """Return an address without user and password: ``https://me:pw@host`` as ``https://***@host``."""
    return _USER_INFO.sub(f"{MARK}@", url)


def has_user_info(url: str) -> bool:
    """Return whether an address names a user or a password."""
    return "@" in urlsplit(url).netloc


def _base64_spellings(raw: bytes) -> Iterator[str]:
    """The part of the Base64 of any text around ``raw`` that ``raw`` alone decides, for each offset and alphabet."""
    for before in range(3):
        begin, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw + b"\0\0").decode()[begin:end]


def _pattern(text: str) -> str:
    """Match ``text`` with any of its characters escaped."""
    return "".join(map(_character, text))


def _character(character: str) -> str:
    ways = [re.escape(character), "".join(f"%(?i:{byte:02x})" for byte in character.encode())]
    units = character.encode("utf-16-be", "surrogatepass").hex()
    ways.append("".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)))
    if not character.isalnum():
        ways += [rf"\\+{re.escape(character)}", rf"&#(?:{ord(character)}|(?i:x0*{ord(character):x}));"]
        if (entity := html.escape(character)) != character:
            ways.append(re.escape(entity))
        if character == " ":
            ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"
