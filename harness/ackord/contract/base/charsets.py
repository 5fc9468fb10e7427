"""Turns a body's text into UTF-8, whatever it is encoded in.

A byte order mark tells more than anything that is said of a body (RFC 3629, 6; RFC 7303, 3). After it comes the charset
that the contract declares, then the header's. A JSON body that is valid UTF-8 is UTF-8 whatever its header says:
RFC 8259, 8.1 allows nothing else, and servers add a charset without asking.
"""

from __future__ import annotations

import codecs
import re

from .body_parsing import UnreadableBody, UnwritableBody, shortened

__all__ = ["as_utf8", "charset_of", "in_charset", "known_charset"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "utf-8"}
"""What is said, and what is meant: the larger set that holds the other (as browsers decode, WHATWG Encoding, 4.2)."""


def known_charset(name: str) -> str:
    """Return Python's name of a charset. Raises ``ValueError`` for one that is unknown or no charset of text."""
    try:
        found = codecs.lookup(name)
        "a".encode(found.name)
    except (LookupError, ValueError):
        raise ValueError(f"the charset {shortened(name)!r} is not known") from None
    return found.name


def charset_of(content_type: str) -> str:
    """Return the charset that a ``Content-Type`` names; empty if it names none."""
    match = _CHARSET.search(content_type)
    return match[1].lower() if match else ""


def as_utf8(body: bytes, content_type: str, declared: str = "", *, always_utf8: bool = False) -> bytes:
    """Return a body in UTF-8, without a byte order mark.

    ``declared``: the charset that the contract, or the body itself, names. ``always_utf8``: valid UTF-8 is taken for it
    before the header is asked. Raises ``UnreadableBody``.
    """
    if body[:1] in (b"\xef", b"\xff", b"\xfe", b"\x00"):
        for mark, charset in _MARKS:
            if body.startswith(mark):
                return _decoded(body[len(mark) :], charset)
    charset = declared or charset_of(content_type)
    if not charset or charset in ("utf-8", "utf8", "us-ascii"):
        return body
    if always_utf8 and not declared and _is_utf8(body):
        return body
    return _decoded(body, charset)


def in_charset(body: bytes, charset: str) -> bytes:
    """Return a body that is UTF-8 in another charset. Raises ``UnwritableBody``."""
    if not charset:
        return body
    try:
        return body.decode().encode(charset)
    except UnicodeError as why:
        raise UnwritableBody(f"it cannot be written in {charset}: {why}") from None


def _decoded(body: bytes, charset: str) -> bytes:
    try:
        name = known_charset(charset)
    except ValueError as why:
        raise UnreadableBody(str(why)) from None
    try:
        return body.decode(name).encode()
    except UnicodeError:
        pass
    try:
        return body.decode(_WIDER.get(charset, name)).encode()
    except UnicodeError:
        raise UnreadableBody(f"it is said to be in {charset}, and is not") from None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
