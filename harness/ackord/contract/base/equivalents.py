"""Write a body's values in other bytes: fields in another order, more white space, escapes, numbers in another form.

Each function returns the bytes as they are where there is no such form of them.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import Any

from ...core.key_promises import ByteForm

__all__ = ["equivalent_form", "equivalent_json", "equivalent_xml"]

_XML_TAG = re.compile(r"(<(/?)[^<>]*>)(?=<(/?))")
_XML_ATTRIBUTES = re.compile(r"(<[^\s<>/!?]+)((?:\s+[^\s=<>]+=\"[^\"<]*\"){2,})")
_XML_TEXT = re.compile(r"(>)([A-Za-z0-9])(?=[^<>]*</)")


class _Number(str):
    """A number of JSON as it is written."""

    __slots__ = ()


_decode = json.JSONDecoder(parse_int=_Number, parse_float=_Number).decode


def equivalent_json(body: bytes, form: ByteForm) -> bytes:
    """Return JSON text that says the same (RFC 8259): an object's members have no order, and ``\\u0041`` is ``A``."""
    return _json(_decode(body.decode()), form).encode()


def _json(value: Any, form: ByteForm) -> str:
    wide = form is ByteForm.WHITE_SPACE
    comma, colon = (" ,\n ", " : ") if wide else (",", ":")
    if isinstance(value, dict):
        pairs = [f"{_json_text(key)}{colon}{_json(item, form)}" for key, item in value.items()]
        inner = comma.join(reversed(pairs) if form is ByteForm.FIELD_ORDER else pairs)
        return f"{{ {inner} }}\n" if wide else f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{comma.join(_json(item, form) for item in value)}]"
    if isinstance(value, _Number):
        return _other_number(value) if form is ByteForm.NUMBER_FORM else value
    if isinstance(value, str):
        if form is ByteForm.ESCAPES and value:
            return (
                f'"\\u{ord(value[0]):04x}{_json_text(value[1:])[1:]}' if ord(value[0]) < 0x10000 else _json_text(value)
            )
        return _json_text(value)
    return json.dumps(value)


def _json_text(text: str) -> str:
    return encode_basestring(text)


def _other_number(text: str) -> str:
    if "e" in text.lower():
        return text
    return f"{text}0" if "." in text else f"{text}.0"


def equivalent_form(body: bytes, form: ByteForm) -> bytes:
    """Return form fields that say the same: ``%61`` is ``a``, and a blank is ``+`` or ``%20``."""
    fields = body.decode().split("&")
    if form is ByteForm.FIELD_ORDER:
        fields.reverse()
    elif form is ByteForm.ESCAPES:
        fields = [f"{name}{eq}{_escaped(text)}" for name, eq, text in (field.partition("=") for field in fields)]
    return "&".join(fields).encode()


def _escaped(text: str) -> str:
    text = text.replace("%20", "+")
    return f"%{ord(text[0]):02X}{text[1:]}" if text[:1].isalnum() and text[:1].isascii() else text


def equivalent_xml(body: bytes, form: ByteForm) -> bytes:
    """Return XML that says the same: attributes have no order, and ``&#x61;`` is ``a``.

    Elements keep their order, which means something to most schemas; white space stands between elements only.
    """
    text = body.decode()
    if form is ByteForm.FIELD_ORDER:
        text = _XML_ATTRIBUTES.sub(_reversed_attributes, text)
    elif form is ByteForm.WHITE_SPACE:
        text = _XML_TAG.sub(lambda m: m[1] if not m[2] and m[3] else f"{m[1]}\n  ", text)
    elif form is ByteForm.ESCAPES:
        text = _XML_TEXT.sub(lambda m: f"{m[1]}&#x{ord(m[2]):x};", text)
    return text.encode()


def _reversed_attributes(match: re.Match[str]) -> str:
    return match[1] + "".join(reversed(re.findall(r"\s+[^\s=<>]+=\"[^\"<]*\"", match[2])))
