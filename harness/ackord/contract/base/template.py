"""Compile request templates, such as ``${order_no}``, into a format string and a tuple of getters.

A template is text in a path, a query parameter, a header or a body. Its place decides how a value is written:
percent-encoded in an address and in a form, escaped in JSON and in XML. In JSON, a text that is exactly one variable
keeps the variable's type, so ``"${amount.minor}"`` becomes a number. ``$${`` is a literal ``${``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple
from urllib.parse import quote

from ...errors import did_you_mean
from .contract_error import ContractError, DocumentPath
from .variables import CAPTURED, VARIABLES, TemplateContext, base_of, getter_of

__all__ = [
    "SplitTemplate",
    "Template",
    "field_template",
    "in_address",
    "in_header",
    "json_template",
    "split_text",
    "text_template",
]


_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")

Encoder = Callable[[Any], str]
_Slot = tuple[Callable[[TemplateContext], Any], Encoder]


class Template:
    """Text with slots. ``variable`` is its variable's name if the text is exactly one variable."""

    __slots__ = ("_format", "_only", "_slots", "variable")

    def __init__(self, literals: Iterable[str], slots: Iterable[_Slot], variable: str | None = None) -> None:
        self._format = "%s".join(text.replace("%", "%%") for text in literals)
        self._slots = tuple(slots)
        self.variable = variable
        self._only = None if variable is None else self._slots[0][0]
        if not self._slots:
            self._format %= ()

    @property
    def constant(self) -> bool:
        return not self._slots

    def render(self, template_context: TemplateContext) -> str:
        if not self._slots:
            return self._format
        return self._format % tuple([encode(get(template_context)) for get, encode in self._slots])

    def absent(self, template_context: TemplateContext) -> bool:
        """Whether the text is exactly one variable, and that has no value."""
        return self._only is not None and self._only(template_context) is None


class SplitTemplate(NamedTuple):
    """A parsed text: the literals around the variables (one more than there are variables), and the variable names."""

    literals: list[str]
    names: list[str]

    @property
    def variable(self) -> str | None:
        """The variable's name if the text is exactly one."""
        return self.names[0] if len(self.names) == 1 and not any(self.literals) else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def in_address(value: Any) -> str:
    """Percent-encoded, slashes too: an order number never changes the path that it stands in."""
    return quote(_text(value), safe="")


def in_header(value: Any) -> str:
    """Raises ``ValueError`` for what would end the header."""
    text = _text(value)
    if not text.isprintable() or not text.isascii():
        raise ValueError(f"{text!r} cannot stand in a header: only printable ASCII can")
    return text


def _in_json(value: Any) -> str:
    if type(value) is str:
        return encode_basestring_ascii(value)
    # A decimal has as many places as the currency, which a float would not keep.
    return str(value) if type(value) is int or type(value) is Decimal else json.dumps(value)


def _in_json_text(value: Any) -> str:
    return encode_basestring_ascii(_text(value))[1:-1]


def text_template(text: str, allowed: Collection[str], path: DocumentPath, encode: Encoder) -> Template:
    """Compile text. Raises ``ContractError`` for a variable that is unknown, or has no value in this operation."""
    split = split_text(text, allowed, path)
    return Template(split.literals, [(getter_of(name), encode) for name in split.names], split.variable)


def field_template(text: str, allowed: Collection[str], path: DocumentPath) -> Template:
    """Compile the text of a parameter or of a form's field. Literals and values are percent-encoded.

    Raises ``ContractError``.
    """
    split = split_text(text, allowed, path)
    literals = [in_address(literal) for literal in split.literals]
    return Template(literals, [(getter_of(name), in_address) for name in split.names], split.variable)


def json_template(value: Any, allowed: Collection[str], path: DocumentPath, *, sort_keys: bool = False) -> Template:
    """Compile plain data, with templates in its texts, into a compact JSON text. Raises ``ContractError``."""
    literals = [""]
    slots: list[_Slot] = []
    _json_parts(value, allowed, path, sort_keys, literals, slots)
    return Template(literals, slots)


def _json_parts(
    value: Any, allowed: Collection[str], path: DocumentPath, sort_keys: bool, literals: list[str], slots: list[_Slot]
) -> None:
    def recurse(item: Any, key: str | int) -> None:
        _json_parts(item, allowed, (*path, key), sort_keys, literals, slots)

    if isinstance(value, dict):
        literals[-1] += "{"
        for i, key in enumerate(sorted(value) if sort_keys else value):
            check_key(key, path)
            literals[-1] += ("," if i else "") + json.dumps(key) + ":"
            recurse(value[key], key)
        literals[-1] += "}"
    elif isinstance(value, list):
        literals[-1] += "["
        for i, item in enumerate(value):
            literals[-1] += "," if i else ""
            recurse(item, i)
        literals[-1] += "]"
    elif isinstance(value, str):
        split = split_text(value, allowed, path)
        whole = split.variable is not None
        quote_mark = "" if whole else '"'
        literals[-1] += quote_mark + _in_json_text(split.literals[0])
        for name, text in zip(split.names, split.literals[1:], strict=True):
            slots.append((getter_of(name), _in_json if whole else _in_json_text))
            literals.append(_in_json_text(text))
        literals[-1] += quote_mark
    else:
        literals[-1] += json.dumps(value, allow_nan=False)


def check_key(key: str, path: DocumentPath) -> None:
    """Raises ``ContractError`` for a key that holds a variable."""
    if "${" in key:
        raise ContractError((*path, key), f'"{key}": a key cannot hold a variable', mend="write the key out")


def split_text(text: str, allowed: Collection[str] | None, path: DocumentPath) -> SplitTemplate:
    """Take a text apart. Raises ``ContractError`` for a variable that is unknown, or has no value in this operation.

    ``allowed`` is ``None`` for the text of a contract that was compiled before.
    """
    literals = [""]
    names: list[str] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        literals[-1] += text[at : match.start()]
        at = match.end()
        name = match[1]
        if name is None:
            literals[-1] += "${"
            continue
        if not match[2]:
            raise ContractError(
                path, "a ${ is never closed", expected="${name}", mend="add }, or write $${ for a literal ${"
            )
        if allowed is not None:
            _check_name(name, allowed, path)
        names.append(name)
        literals.append("")
    literals[-1] += text[at:]
    return SplitTemplate(literals, names)


def _check_name(name: str, allowed: Collection[str], path: DocumentPath) -> None:
    base = name if name.startswith(CAPTURED) else base_of(name)
    if base not in allowed:
        known = sorted(allowed)
        problem = (
            f"${{{base}}} has no value here"
            if base in VARIABLES
            else f"there is no variable ${{{base}}}.{did_you_mean(base, known)}"
        )
        raise ContractError(path, problem, expected=f"one of {', '.join(f'${{{n}}}' for n in known)}")
    try:
        getter_of(name)
    except ValueError as error:
        raise ContractError(path, str(error)) from None
