"""Encodes bodies as XML, and reads its places: ``/xml/row[1]/@id``.

A document is the root element; namespaces are left out, and prefixes (``soap:Body``) are only written. DTDs are
refused, so a body cannot define, fetch or multiply entities. A request's body and a rule's example are plain data:
``@name`` is an attribute, a list repeats its element, ``#text`` is the text of an element that has attributes.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ...core.key_promises import ByteForm
from ..base.body_parsing import UnreadableBody, UnwritableBody
from ..base.charsets import as_utf8, charset_of
from ..base.contract_error import ContractError, DocumentPath
from ..base.equivalents import equivalent_xml
from ..base.json_path import MISSING
from ..base.template import Template, check_key, split_text
from ..base.template_match import DocumentMatcher, RequestMismatch, TextPattern, TextValues, is_needed
from ..base.variables import TemplateContext, getter_of
from .base import Encoding, Renderer, register

__all__ = ["XmlEncoding"]

_XML_STEP = re.compile(r"([A-Za-z_][\w.-]*)(?:\[(\d{1,6})\])?\Z")


_DECLARATION = re.compile(rb"""(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*["']([\w.:-]{1,40})["']""")


def _without_declaration(body: bytes) -> bytes:
    """Return a body in UTF-8 without the encoding that it was in before."""
    found = _DECLARATION.match(body)
    return found[1] + body[found.end() :] if found else body


class XmlPath(NamedTuple):
    steps: tuple[tuple[str, int], ...]
    """Names and their indices, the root first."""
    attribute: str


def _split_xml(path: str) -> XmlPath:
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


def _split_rows(at: str) -> tuple[str, str]:
    """``/list/row`` as ``/list`` and ``row``. Raises ``ValueError``."""
    above, _, name = at.rpartition("/")
    match = _XML_STEP.match(name)
    if not above or match is None or match[2]:
        raise ValueError(f"{at!r} is no list of elements: expected /list/row, whose rows are called row")
    _split_xml(above)
    return above, name


def _local(name: str) -> str:
    """A name without its namespace's prefix."""
    return name.rpartition(":")[2]


def _is_called(element: Element, name: str) -> bool:
    """Whether an element has a name, whatever its prefix; only a document to be written still has prefixes."""
    return element.tag == name or _local(element.tag) == name


def _children(element: Element, name: str) -> list[Element]:
    return element.findall(name) or [child for child in element if _local(child.tag) == name]


@register
class XmlEncoding(Encoding):
    """Elements with attributes and texts."""

    name = "xml"
    shown = "XML"
    content_type = "application/xml"
    about = (
        "A body in XML: the root element and what is in it. `{xml: {amount: 5}}` is "
        "`<xml><amount>5</amount></xml>`; `@name` is an attribute, a list repeats its element, `#text` is "
        "the text of an element that has attributes."
    )
    place = "/xml/err_code"
    mixed = True

    def renderer(self, data: Any, allowed: Collection[str], path: DocumentPath) -> Renderer:
        if len(data) != 1:
            raise ContractError(path, f"it has {len(data)} root elements", expected="one, with the others in it")
        template = _template(data, allowed, path)
        return lambda template_context: template.render(template_context).encode()

    def decoded(self, body: bytes, content_type: str) -> bytes:
        found = _DECLARATION.match(body)
        said = found[2].decode("ascii").lower() if found else ""
        # A declaration that can be read byte by byte is not in UTF-16, whatever it says.
        declared = self.charset or ("" if charset_of(content_type) or said.startswith(("utf-16", "ucs-2")) else said)
        return _without_declaration(as_utf8(body, content_type, declared))

    def parse(self, body: bytes) -> Any:
        try:
            root: Element = fromstring(_without_declaration(body) if self.charset else body, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            raise UnreadableBody("not valid XML") from None
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
            for name in [name for name in element.attrib if name.startswith("{")]:
                element.attrib.setdefault(name.rpartition("}")[2], element.attrib.pop(name))
        return root

    def equivalent(self, body: bytes, form: ByteForm) -> bytes:
        return equivalent_xml(body, form)

    def write(self, document: Any) -> bytes:
        return b"" if document is None else tostring(document, encoding="utf-8")

    def matcher(self, data: Any) -> DocumentMatcher:
        return partial(_match_root, data)

    def getter(self, at: str) -> Callable[[Any], Any]:
        ((root, _), *inner), attribute = _split_xml(at)

        def get(document: Any) -> Any:
            if not isinstance(document, Element) or not _is_called(document, root):
                return MISSING
            element = document
            for name, index in inner:
                found = _children(element, name)
                if index >= len(found):
                    return MISSING
                element = found[index]
            return element.get(attribute, MISSING) if attribute else element.text or ""

        return get

    def rows_getter(self, at: str) -> Callable[[Any], Any]:
        """The elements of the last name, however many; ``MISSING`` where there is nothing that they could be in."""
        above, name = _split_rows(at)
        ((root, _), *inner), _ = _split_xml(above)

        def get(document: Any) -> Any:
            if not isinstance(document, Element) or not _is_called(document, root):
                return MISSING
            element = document
            for step, index in inner:
                found = _children(element, step)
                if index >= len(found):
                    return MISSING
                element = found[index]
            return _children(element, name)

        return get

    def row_getter(self, at: str, rows: str) -> Callable[[Any], Any]:
        """A row is a document of its own: ``/row/amount`` in the rows ``/list/row``."""
        name = _split_rows(rows)[1]
        if _split_xml(at).steps[0] != (name, 0):
            raise ValueError(f"{at!r} is no place in a row of {rows}: expected /{name}/... or /{name}/@id")
        return self.getter(at)

    def put_rows(self, document: Any, at: str, rows: list[Any]) -> Any:
        above, _ = _split_rows(at)
        document = self.put(document, f"{above}/@rows", len(rows))  # makes what is above them
        ((_, _), *inner), _ = _split_xml(above)
        element: Element = document
        for step, index in inner:
            element = _children(element, step)[index]
        del element.attrib["rows"]
        element.extend(rows)
        return document

    def new_document(self, example: Any) -> Any:
        if not isinstance(example, dict):
            return copy.deepcopy(example)
        ((root, content),) = example.items()
        element = Element(root)
        _fill(element, content)
        return element

    def put(self, document: Any, at: str, value: Any) -> Any:
        if not at.startswith("/"):
            return super().put(document, at, value)
        ((root, _), *inner), attribute = _split_xml(at)
        element: Element = Element(root) if document is None else document
        document = element
        if not _is_called(element, root):
            raise UnwritableBody(f"{at} has another root than the others, {element.tag}")
        for name, index in inner:
            found = _children(element, name)
            if value is MISSING and index >= len(found):
                return document
            while index >= len(found):
                found.append(SubElement(element, name))
            parent, element = element, found[index]
        if value is MISSING:
            if attribute:
                element.attrib.pop(attribute, None)
            elif inner:
                parent.remove(element)
        elif attribute:
            element.set(attribute, str(value))
        else:
            element.text = str(value)
        return document


def _template(data: dict[str, Any], allowed: Collection[str], path: DocumentPath) -> Template:
    literals = [""]
    slots: list[tuple[Callable[[TemplateContext], Any], Callable[[Any], str]]] = []

    def text(value: Any, at: DocumentPath, encode: Callable[[Any], str]) -> None:
        if value is None or isinstance(value, bool | float):
            raise ContractError(at, f"{value!r} cannot stand in XML", expected="text, a whole number or elements")
        split = split_text(str(value), allowed, at)
        literals[-1] += encode(split.literals[0])
        for name, literal in zip(split.names, split.literals[1:], strict=True):
            slots.append((getter_of(name), encode))
            literals.append(encode(literal))

    def element(name: str, value: Any, at: DocumentPath) -> None:
        check_key(name, at[:-1])
        for item in value if isinstance(value, list) else [value]:
            literals[-1] += f"<{name}"
            if isinstance(item, dict):
                for key in [k for k in item if k.startswith("@")]:
                    literals[-1] += f' {key[1:]}="'
                    text(item[key], (*at, key), _in_attribute)
                    literals[-1] += '"'
            literals[-1] += ">"
            if isinstance(item, dict):
                for key in [k for k in item if not k.startswith("@")]:
                    if key == "#text":
                        text(item[key], (*at, key), _in_element)
                    else:
                        element(key, item[key], (*at, key))
            else:
                text(item, at, _in_element)
            literals[-1] += f"</{name}>"

    for root, value in data.items():
        element(root, value, (*path, root))
    return Template(literals, slots)


def _in_element(value: Any) -> str:
    return escape("" if value is None else str(value))


def _in_attribute(value: Any) -> str:
    return quoteattr("" if value is None else str(value))[1:-1].replace('"', "&quot;")


def _match_root(template: Any, document: Any, values: TextValues, insist: bool) -> None:
    """Raises ``RequestMismatch``."""
    ((root, content),) = template.items()
    if not isinstance(document, Element) or not _is_called(document, _local(root)):
        raise RequestMismatch
    _match_element(content, document, values, insist)


def _match_element(template: Any, element: Element, values: TextValues, insist: bool) -> None:
    if not isinstance(template, dict):
        TextPattern(str(template)).match(element.text or "", values, insist)
        return
    for key, part in template.items():
        if key == "@xmlns" or key.startswith("@xmlns:"):
            continue  # a prefix is a name that the sender chooses
        if key == "#text" or key.startswith("@"):
            text = element.text or "" if key == "#text" else element.get(_local(key[1:]))
            TextPattern(str(part)).match(text, values, insist)
            continue
        children = _children(element, _local(key))
        parts = part if isinstance(part, list) else [part]
        if len(children) != len(parts) and (children or is_needed(part, insist)):
            raise RequestMismatch
        for one, child in zip(parts, children, strict=False):
            _match_element(one, child, values, insist)


def _fill(element: Element, content: Any) -> None:
    if not isinstance(content, Mapping):
        element.text = "" if content is None else str(content)
        return
    for key, value in content.items():
        if key.startswith("@"):
            element.set(key[1:], str(value))
        elif key == "#text":
            element.text = str(value)
        else:
            for item in value if isinstance(value, list) else [value]:
                _fill(SubElement(element, key), item)
