"""Compile the places in a response where a contract says that a fact stands.

    $.data[0].id       in a JSON body, or a form's field (`$.status`)
    $.totals[type=total].amount   the same, in the first object of a list whose `type` is `total`
    $row.status        in the row of a list that is about the order that was asked for
    /xml/err_code      in an XML body: element names from the root, without namespaces;
                       `[n]` (from 0) among elements of one name, `@name` for an attribute
    header.location    a header
    {from: PLACE, regex: "id=([0-9]+)"}   a part of the value: the first group, or the whole match

There are no wildcards and no other filters: a contract states where a value is, it does not search for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..base.http_messages import header_name
from ..base.json_path import MISSING, compile_path
from ..base.patterns import compile_pattern
from .base import ENCODINGS, encoding_at

__all__ = ["ROW", "Selector", "SelectorGetter", "compile_selector"]

ROW = "$row"


class Selector(NamedTuple):
    """A place as it is written in a contract; ``regex`` takes a part of what stands there."""

    at: str
    regex: str = ""


SelectorGetter = Callable[[Any, Mapping[str, str], Any], Any]
"""From an answer's document, its headers and its row to what stands there, or ``MISSING``; it never raises."""


def compile_selector(place: Selector | str) -> SelectorGetter:
    """Raises ``ValueError`` for a place that cannot be."""
    at, regex = place if isinstance(place, Selector) else (place, "")
    getter = _whole(at)
    return _part(getter, regex) if regex else getter


def _whole(at: str) -> SelectorGetter:
    if at.startswith("header."):
        name = header_name(at.removeprefix("header.")).lower()
        return lambda document, headers, row: headers.get(name, MISSING)
    if at == ROW or at.startswith((f"{ROW}.", f"{ROW}[")):
        in_row = compile_path(f"${at.removeprefix(ROW)}")
        return lambda document, headers, row: MISSING if row is MISSING else in_row(row)
    encoding = encoding_at(at)
    if encoding is None:
        places = [e.place for e in ENCODINGS if encoding_at(e.place) is e]
        raise ValueError(f"{at!r} is not a place in an answer: expected {', '.join(places)}, $row.a or header.NAME")
    in_body = encoding.getter(at)
    return lambda document, headers, row: in_body(document)


def _part(getter: SelectorGetter, regex: str) -> SelectorGetter:
    search = compile_pattern(regex)

    def get(document: Any, headers: Mapping[str, str], row: Any) -> Any:
        value = getter(document, headers, row)
        if type(value) is int:
            value = str(value)
        if type(value) is not str or (match := search(value)) is None:
            return MISSING
        return match[1] if match.re.groups else match[0]

    return get
