"""Takes the values of declared fields out of answers' bodies: what a contract's ``redact`` names, such as an IBAN.

Everything else stays as it came, byte by byte, because the body is read again. A body may be cut off, or be none of
what its type says, so it is not parsed: each form of field is looked for in it, as JSON, XML, or pairs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from ..masking import MARK

__all__ = ["redacted_fields"]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_COLON = re.compile(r"\s*:\s*")
_SCALAR = re.compile(r"[^\s,}\]]+")


def redacted_fields(body: bytes, names: Collection[str]) -> bytes:
    """Return ``body`` with ``***`` for the value of every field of these names, compared without regard to case."""
    if not names:
        return body
    text = body.decode("utf-8", "surrogateescape")
    wanted = {name.casefold() for name in names}
    text = _in_json(text, wanted)
    for name in names:
        text = _in_xml(text, re.escape(name))
        text = _in_pairs(text, re.escape(name))
    return text.encode("utf-8", "surrogateescape")


def _in_json(text: str, wanted: Collection[str]) -> str:
    kept: list[str] = []
    done = at = 0
    while (key := _STRING.search(text, at)) is not None:
        at = key.end()
        colon = _COLON.match(text, at)
        if colon is None or _decoded(key[0]).casefold() not in wanted:
            continue
        end = _value_end(text, colon.end())
        kept += [text[done : colon.end()], f'"{MARK}"']
        done = at = end
    return "".join([*kept, text[done:]])


def _decoded(key: str) -> str:
    try:
        return str(json.loads(key))
    except ValueError:
        return key.strip('"')


def _value_end(text: str, at: int) -> int:
    """Return where the JSON value that begins at ``at`` ends; the end of the text if it was cut off."""
    if (string := _STRING.match(text, at)) is not None:
        return string.end()
    if text[at : at + 1] not in ("{", "["):
        scalar = _SCALAR.match(text, at)
        return at if scalar is None else scalar.end()
    depth = 0
    while at < len(text):
        if (string := _STRING.match(text, at)) is not None:
            at = string.end()
            continue
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            return at
    return at


def _in_xml(text: str, name: str) -> str:
    """Both ``<name>value</name>``, whatever is inside, and ``name="value"``."""
    element = rf"(<(?:[\w.-]+:)?{name}(?:\s[^<>]*)?(?<!/)>).*?(</(?:[\w.-]+:)?{name}\s*>|\Z)"
    text = re.sub(element, rf"\g<1>{MARK}\g<2>", text, flags=re.IGNORECASE | re.DOTALL)
    return re.sub(
        rf"""(\s(?:[\w.-]+:)?{name}\s*=\s*)(?:"[^"<]*(?:"|\Z)|'[^'<]*(?:'|\Z))""",
        rf'\g<1>"{MARK}"',
        text,
        flags=re.IGNORECASE,
    )


def _in_pairs(text: str, name: str) -> str:
    """As in a form, ``a=1&name=value``, or one pair a line."""
    return re.sub(rf"((?:^|[&?;\s]){name}=)(?![\"'])[^&;\s]*", rf"\g<1>{MARK}", text, flags=re.IGNORECASE)
