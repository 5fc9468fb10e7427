"""Encode request bodies as JSON, form fields with brackets, or XML, from plain data with templates in its texts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..base.contract_error import ContractError, DocumentPath
from ..base.template import (
    Template,
    check_key,
    field_template,
    in_address,
    json_template,
    split_text,
)
from ..base.variables import TemplateContext, getter_of
from ..spec.requests import RequestSpec

__all__ = ["CONTENT_TYPES", "body_renderer", "form_fields"]

CONTENT_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "application/xml",
    "csv": "text/csv",
    "gzip": "application/gzip",
    "zip": "application/zip",
}
"""What bodies are called: a request's, an answer's, a file's."""

Renderer = Callable[[TemplateContext], bytes]


def body_renderer(request: RequestSpec, allowed: Collection[str], at: DocumentPath) -> Renderer | None:
    """What makes the body of a request; ``None`` if it has none. Raises ``ContractError``."""
    encoding = request.encoding
    if not encoding:
        return None
    path = (*at, encoding)
    if encoding == "form":
        return _form_renderer(request.form, allowed, path)
    template = (
        json_template(request.json_body, allowed, path)
        if encoding == "json"
        else _xml_template(request.xml or {}, allowed, path)
    )
    return lambda template_context: template.render(template_context).encode()


def form_fields(data: Any, path: DocumentPath = ()) -> list[tuple[str, str, DocumentPath]]:
    """Flatten nested data into a form's fields: name with brackets, text, and place.

    Raises ``ContractError`` for data that a form cannot hold.
    """
    return _fields(data, "", path)


def _fields(value: Any, name: str, path: DocumentPath) -> list[tuple[str, str, DocumentPath]]:
    if isinstance(value, dict) or (isinstance(value, list) and name):
        fields = []
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str):
                check_key(key, path)
            fields += _fields(item, f"{name}[{key}]" if name else str(key), (*path, key))
        return fields
    if isinstance(value, bool):
        return [(name, "true" if value else "false", path)]
    if value is None or not isinstance(value, str | int):
        raise ContractError(path, f"{value!r} cannot stand in a form", expected="text or a whole number")
    return [(name, str(value), path)]


def _form_renderer(data: Any, allowed: Collection[str], path: DocumentPath) -> Renderer:
    fields: list[tuple[str, Template]] = [
        (in_address(name).replace("%5B", "[").replace("%5D", "]"), field_template(text, allowed, at))
        for name, text, at in form_fields(data, path)
    ]

    def render(template_context: TemplateContext) -> bytes:
        return "&".join(
            [f"{name}={t.render(template_context)}" for name, t in fields if not t.absent(template_context)]
        ).encode()

    return render


def _xml_template(data: dict[str, Any], allowed: Collection[str], path: DocumentPath) -> Template:
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
