"""Compile the places in a response where a contract says that a fact stands.

    $.data[0].id       in a JSON body, or a form's field (`$.status`)
    $row.status        in the row of a list that is about the order that was asked for
    /xml/err_code      in an XML body: element names from the root, without namespaces;
                       `[n]` (from 0) among elements of one name, `@name` for an attribute
    header.location    a header
    {from: PLACE, regex: "id=([0-9]+)"}   a part of the value: the first group, or the whole match

There are no wildcards and no filters: a contract states where a value is, it does not search for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from .http_messages import header_name
from .json_path import MISSING, compile_path
from .patterns import compile_pattern

__all__ = ["ROW", "Selector", "SelectorGetter", "compile_selector", "selector_format", "split_xml"]

ROW = "$row"
_XML_STEP = re.compile(r"([A-Za-z_][\w.-]*)(?:\[(\d{1,6})\])?\Z")


class Selector(NamedTuple):
    """A place as it is written in a contract; ``regex`` takes a part of what stands there."""

    at: str
    regex: str = ""


SelectorGetter = Callable[[Any, Mapping[str, str], Any], Any]
"""From an answer's document, its headers and its row to what stands there, or ``MISSING``; it never raises."""


class XmlPath(NamedTuple):
    steps: tuple[tuple[str, int], ...]
    """Names and their indices, the root first."""
    attribute: str


def split_xml(path: str) -> XmlPath:
    """``/xml/row[1]/@id`` taken apart. Raises ``ValueError``."""
    *names, last = path.split("/")[1:]
    attribute = last.removeprefix("@") if last.startswith("@") else ""
    steps = []
    for name in names if attribute else [*names, last]:
        match = _XML_STEP.match(name)
        if match is None:
            raise ValueError(f"{path!r} cannot be read at {name!r}: expected element names, as in /xml/row[0]/@id")
        steps.append((match[1], int(match[2] or 0)))
    if not steps:
        raise ValueError(f"{path!r} names no element, as /xml/err_code does")
    return XmlPath(tuple(steps), attribute)


def selector_format(at: str) -> str:
    """Which kind of body has such places: ``xml``, ``plain`` (JSON or a form), or empty for a header."""
    return "" if at.startswith("header.") else "xml" if at.startswith("/") else "plain"


def compile_selector(place: Selector | str) -> SelectorGetter:
    """Raises ``ValueError`` for a place that cannot be."""
    at, regex = place if isinstance(place, Selector) else (place, "")
    getter = _whole(at)
    return _part(getter, regex) if regex else getter


def _whole(at: str) -> SelectorGetter:
    if at.startswith("header."):
        name = header_name(at.removeprefix("header.")).lower()
        return lambda document, headers, row: headers.get(name, MISSING)
    if at.startswith("/"):
        return _in_xml(split_xml(at))
    if at == ROW or at.startswith((f"{ROW}.", f"{ROW}[")):
        in_row = compile_path(f"${at.removeprefix(ROW)}")
        return lambda document, headers, row: MISSING if row is MISSING else in_row(row)
    if not at.startswith("$"):
        raise ValueError(f"{at!r} is not a place in an answer: expected $.a.b[0], $row.a, /xml/element or header.NAME")
    in_body = compile_path(at)
    return lambda document, headers, row: in_body(document)


def _in_xml(path: XmlPath) -> SelectorGetter:
    (root, _), *inner = path.steps

    def get(document: Any, headers: Mapping[str, str], row: Any) -> Any:
        if not isinstance(document, Element) or document.tag != root:
            return MISSING
        element = document
        for name, index in inner:
            found = element.findall(name)
            if index >= len(found):
                return MISSING
            element = found[index]
        return element.get(path.attribute, MISSING) if path.attribute else element.text or ""

    return get


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
