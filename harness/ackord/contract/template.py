"""Request templates: ``${order_no}`` and its like, compiled once into a format string and a row of getters.

A template is text in a path, a query parameter, a header or a JSON body. How a value is written depends on where it stands: percent-encoded in
an address, escaped in JSON. In JSON, a text that is exactly one variable keeps the variable's type, so ``"${amount.minor}"`` becomes a
number. ``$${`` stands for a literal ``${``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple
from urllib.parse import quote

from ..core.money import Money
from ..errors import did_you_mean

__all__ = [
    "LEDGER_VARIABLES",
    "QUERY_VARIABLES",
    "SUBMIT_VARIABLES",
    "VARIABLES",
    "Subject",
    "Template",
    "TemplateProblem",
    "in_address",
    "in_header",
    "json_template",
    "text_template",
]

Path_ = tuple[str | int, ...]


class Subject(NamedTuple):
    """All that a template may speak of, for one request."""

    account: str
    account_id: str
    order_no: str = ""
    amount_minor: int = 0
    currency: str = ""
    payee: str = ""
    provider_id: str | None = None
    cursor: str | None = None


class Variable(NamedTuple):
    get: Callable[[Subject], str | int | None]
    meaning: str


VARIABLES: dict[str, Variable] = {
    "order_no": Variable(lambda s: s.order_no, "the merchant's own order number"),
    "amount.minor": Variable(lambda s: s.amount_minor, "the amount in minor units, a whole number: 1999"),
    "amount.major": Variable(
        lambda s: Money(s.amount_minor, s.currency).major(), 'the amount in major units, as text: "19.99"'
    ),
    "currency": Variable(lambda s: s.currency, "the ISO 4217 code"),
    "payee": Variable(lambda s: s.payee, "who is to be paid"),
    "account.name": Variable(lambda s: s.account, "the account's name in this contract"),
    "account.id": Variable(lambda s: s.account_id, "the account's identifier at the provider"),
    "provider_id": Variable(lambda s: s.provider_id, "the provider's own identifier of the order"),
    "cursor": Variable(lambda s: s.cursor, "where the ledger's next page begins; absent on the first"),
}
_ACCOUNT = frozenset({"account.name", "account.id"})
SUBMIT_VARIABLES = frozenset({"order_no", "amount.minor", "amount.major", "currency", "payee"}) | _ACCOUNT
QUERY_VARIABLES = frozenset({"order_no", "provider_id"}) | _ACCOUNT
LEDGER_VARIABLES = frozenset({"cursor"}) | _ACCOUNT

_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")

Encoder = Callable[[Any], str]
_Slot = tuple[Callable[[Subject], Any], Encoder]


class TemplateProblem(Exception):
    """A template cannot be compiled; ``path`` is its place in the contract."""

    def __init__(self, path: Path_, problem: str, *, expected: str = "", mend: str = "") -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem
        self.expected = expected
        self.mend = mend


class Template:
    """Text with slots. ``variable`` is its variable's name if the text is exactly one variable."""

    __slots__ = ("_format", "_slots", "variable")

    def __init__(self, literals: Iterable[str], slots: Iterable[_Slot], variable: str | None = None) -> None:
        self._format = "%s".join(text.replace("%", "%%") for text in literals)
        self._slots = tuple(slots)
        self.variable = variable
        if not self._slots:
            self._format %= ()

    @property
    def constant(self) -> bool:
        return not self._slots

    def render(self, subject: Subject) -> str:
        if not self._slots:
            return self._format
        return self._format % tuple([encode(get(subject)) for get, encode in self._slots])

    def absent(self, subject: Subject) -> bool:
        """Whether the text is exactly one variable, and that has no value."""
        return self.variable is not None and VARIABLES[self.variable].get(subject) is None


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
    return encode_basestring_ascii(value) if type(value) is str else json.dumps(value)


def _in_json_text(value: Any) -> str:
    return encode_basestring_ascii(_text(value))[1:-1]


def text_template(text: str, allowed: frozenset[str], path: Path_, encode: Encoder) -> Template:
    """Compile text. Raises ``TemplateProblem`` for a variable that is unknown, or has no value in this operation."""
    literals, names = _split(text, allowed, path)
    variable = names[0] if len(names) == 1 and not any(literals) else None
    return Template(literals, [(VARIABLES[name].get, encode) for name in names], variable)


def json_template(value: Any, allowed: frozenset[str], path: Path_, *, sort_keys: bool = False) -> Template:
    """Compile plain data, with templates in its texts, into a compact JSON text. Raises ``TemplateProblem``."""
    literals = [""]
    slots: list[_Slot] = []
    _json_parts(value, allowed, path, sort_keys, literals, slots)
    return Template(literals, slots)


def _json_parts(
    value: Any, allowed: frozenset[str], path: Path_, sort_keys: bool, literals: list[str], slots: list[_Slot]
) -> None:
    def recurse(item: Any, key: str | int) -> None:
        _json_parts(item, allowed, (*path, key), sort_keys, literals, slots)

    if isinstance(value, dict):
        literals[-1] += "{"
        for i, key in enumerate(sorted(value) if sort_keys else value):
            if "${" in key:
                raise TemplateProblem((*path, key), f'"{key}": a key cannot hold a variable', mend="write the key out")
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
        texts, names = _split(value, allowed, path)
        whole = len(names) == 1 and not any(texts)
        quote_mark = "" if whole else '"'
        literals[-1] += quote_mark + _in_json_text(texts[0])
        for name, text in zip(names, texts[1:], strict=True):
            slots.append((VARIABLES[name].get, _in_json if whole else _in_json_text))
            literals.append(_in_json_text(text))
        literals[-1] += quote_mark
    else:
        literals[-1] += json.dumps(value, allow_nan=False)


def _split(text: str, allowed: frozenset[str], path: Path_) -> tuple[list[str], list[str]]:
    """The literal texts around the variables (one more than there are variables), and the variables' names."""
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
            raise TemplateProblem(
                path, "a ${ is never closed", expected="${name}", mend="add }, or write $${ for a literal ${"
            )
        if name not in allowed:
            known = sorted(allowed)
            problem = (
                f"${{{name}}} has no value here"
                if name in VARIABLES
                else f"there is no variable ${{{name}}}.{did_you_mean(name, known)}"
            )
            raise TemplateProblem(path, problem, expected=f"one of {', '.join(f'${{{n}}}' for n in known)}")
        names.append(name)
        literals.append("")
    literals[-1] += text[at:]
    return literals, names
