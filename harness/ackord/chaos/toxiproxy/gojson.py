"""Parses JSON as Go's ``encoding/json`` does, with its error texts, because clients of Toxiproxy match them.

The first value is read and the rest is ignored. Field names match in any case. ``null`` leaves a field unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["BadBody", "GoField", "kind_of", "read", "take"]

_INT64 = 1 << 63
_BLANK = " \t\r\n"
_MOST_DIGITS = 400
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")


class BadBody(Exception):
    """The body cannot be used; the text is Go's."""


class _Float(float):
    """A number with a point or an exponent, with its original text: Go's integers refuse it whatever its value."""

    text: str


@dataclass(frozen=True, slots=True)
class GoField:
    """A field of a Go struct: its type, and its name in Go's errors."""

    type: str
    """``string``, ``bool``, ``int``, ``int64``, ``float32`` or, for an object, the name of its type."""
    where: str

    @property
    def is_object(self) -> bool:
        return "." in self.type


def read(body: bytes) -> Any:
    """Parse the first JSON value of a body. Raises ``BadBody``."""
    text = body.decode("utf-8", "replace")
    start = len(text) - len(text.lstrip(_BLANK))
    if start == len(text):
        raise BadBody("EOF")
    try:
        value, _ = json.JSONDecoder(parse_float=_float, parse_int=_integer, parse_constant=_no_constant).raw_decode(
            text, start
        )
    except json.JSONDecodeError as error:
        raise BadBody(_in_go_s_words(text, error)) from None
    except RecursionError:
        raise BadBody("exceeded max depth") from None
    # Only an escape can bring half of a surrogate pair, because the bytes were decoded above.
    return _paired(value) if "\\ud" in text or "\\uD" in text else value


def take(value: Any, type_name: str, fields: Mapping[str, GoField]) -> dict[str, Any]:
    """Return the known, non-null fields of an object by their canonical names. Raises ``BadBody`` for a wrong type."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadBody(f"json: cannot unmarshal {kind_of(value)} into Go value of type {type_name}")
    known = {name.lower(): name for name in fields}
    taken = {}
    for given, each in value.items():
        name = known.get(given.lower())
        if name is not None and each is not None:
            _check(each, fields[name])
            taken[name] = each
    return taken


def _check(value: Any, field: GoField) -> None:
    kind, text = kind_of(value), ""
    if field.is_object:
        fits = kind == "object"
    elif field.type in ("string", "bool"):
        fits = kind == field.type
    else:
        fits = kind == "number"
        if fits and field.type == "float32":
            fits = abs(value) < 3.4028236e38
        elif fits:
            fits = not isinstance(value, float) and -_INT64 <= value < _INT64
        text = f" {value.text if isinstance(value, _Float) else value}" if kind == "number" else ""
    if not fits:
        raise BadBody(f"json: cannot unmarshal {kind}{text} into Go struct field {field.where} of type {field.type}")


def kind_of(value: Any) -> str:
    """Return Go's name for the type of a JSON value that is not null."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "string" if isinstance(value, str) else "number"


def _paired(value: Any) -> Any:
    """Replace what is half of a surrogate pair by U+FFFD, as Go does; such a string cannot be encoded."""
    if isinstance(value, str):
        return _HALF_OF_A_PAIR.sub("\ufffd", value)
    if isinstance(value, list):
        return [_paired(each) for each in value]
    if isinstance(value, dict):
        return {_paired(name): _paired(each) for name, each in value.items()}
    return value


def _integer(text: str) -> int | _Float:
    """Return a number with more digits than Python converts (a guard against quadratic time) with its text alone: no
    type of Go's takes it.
    """
    return int(text) if len(text) <= _MOST_DIGITS else _float(text)


def _float(text: str) -> _Float:
    value = _Float(text)
    value.text = text
    return value


def _no_constant(name: str) -> NoReturn:
    problem = "in numeric literal" if name.startswith("-") else "looking for beginning of value"
    raise BadBody(f"invalid character '{name.lstrip('-')[0]}' {problem}")


def _in_go_s_words(text: str, error: json.JSONDecodeError) -> str:
    at, problem = error.pos, error.msg
    rest = text[at:]
    if problem.startswith("Unterminated string"):
        return "unexpected EOF"
    if problem.startswith("Illegal trailing comma"):
        at += 1
        problem = "Expecting value" if text[at:].lstrip(_BLANK).startswith("]") else "Expecting property name"
    if problem.startswith("Expecting value"):
        for literal in ("true", "false", "null"):
            if rest.startswith(literal[0]):
                same = next(n for n in range(1, len(literal)) if rest[n : n + 1] != literal[n])
                return _at(text, at + same, f"in literal {literal} (expecting '{literal[same]}')")
        if rest.startswith("-"):
            return _at(text, at + 1, "in numeric literal")
        return _at_next(text, at, "looking for beginning of value")
    if problem.startswith("Expecting property name"):
        return _at_next(text, at, "looking for beginning of object key string")
    if problem.startswith("Expecting ':'"):
        return _at_next(text, at, "after object key")
    if problem.startswith("Expecting ','"):
        return _at_next(text, at, "after object key:value pair" if _in_object(text[:at]) else "after array element")
    if problem.startswith("Invalid \\"):
        return _at(text, at + 1 if rest.startswith("\\") else at, "in string escape code")
    return _at(text, at, "in string literal")


def _at_next(text: str, at: int, problem: str) -> str:
    """Return the error about the next character that is not blank."""
    while text[at : at + 1] and text[at] in _BLANK:
        at += 1
    return _at(text, at, problem)


def _at(text: str, at: int, problem: str) -> str:
    if at >= len(text):
        return "unexpected EOF"
    character = text[at]
    quoted = {"'": "\\'", '"': '"', "\\": "\\\\"}.get(character) or json.dumps(character)[1:-1]
    if quoted.startswith("\\u00") and ord(character) < 0x20:
        quoted = f"\\x{ord(character):02x}"
    return f"invalid character '{quoted}' {problem}"


def _in_object(before: str) -> bool:
    """Return whether the innermost open bracket at the end of well-formed text is a brace."""
    open_brackets, in_string, escaped = [], False, False
    for character in before:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "{[":
            open_brackets.append(character)
        elif character in "}]" and open_brackets:
            open_brackets.pop()
    return bool(open_brackets) and open_brackets[-1] == "{"
