"""Builds the signature base from components of an HTTP message (RFC 9421, section 2).

Supported parameters of components are ``name`` (for a query parameter) and ``req`` (a component of the request, in the
signature of its answer). A component with another parameter is refused.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from .signature_template import MessageParts

__all__ = ["Component", "SignatureInput", "UnknownComponent", "parse_component", "parse_dictionary", "signature_base"]

_STRING = r'"(?:[ !#-\[\]-~]|\\["\\])*"'
_KEY = r"[a-z*][a-z0-9_.*-]*"
_VALUE = rf"(?:{_STRING}|-?[0-9]{{1,15}}|:[A-Za-z0-9+/=]*:|\?[01]|[A-Za-z*][!#$%&'*+.^_`|~:/A-Za-z0-9-]*)"
_PARAMETERS = rf"(?:; *{_KEY}(?:={_VALUE})?)*"
_ITEM = re.compile(rf"({_STRING})({_PARAMETERS})")
_INNER_LIST = re.compile(rf"\(( *{_STRING}{_PARAMETERS}(?: +{_STRING}{_PARAMETERS})* *| *)\)({_PARAMETERS})")
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_PARAMETER = re.compile(rf"; *({_KEY})(?:=({_VALUE}))?")
_NAME = re.compile(rf"({_KEY})=")
_COMMA = re.compile(r"[ \t]*,[ \t]*")


class UnknownComponent(Exception):
    """A component is missing or unknown; the text says which."""


class Component(NamedTuple):
    name: str
    parameters: dict[str, str]
    """Parameters as written: a text has its quotes; one without a value is empty."""

    def __str__(self) -> str:
        return f'"{self.name}"' + "".join(f";{k}={v}" if v else f";{k}" for k, v in self.parameters.items())


class SignatureInput(NamedTuple):
    """A signature's entry in ``Signature-Input``."""

    text: str
    """The original text, which is signed."""
    components: list[Component]
    parameters: dict[str, str]


def parse_component(text: str) -> Component:
    """Parse a component as settings write it: ``@query-param;name="Pet"``. Raises ``ValueError``."""
    name, _, rest = text.partition(";")
    match = _ITEM.fullmatch(f'"{name}";{rest}' if rest else f'"{name}"')
    if match is None or not name or name != name.lower():
        raise ValueError('a component such as @method, content-digest or @query-param;name="id", in lower case')
    return Component(name, dict(_PARAMETER.findall(match[2])))


def parse_dictionary(text: str, *, lists: bool) -> dict[str, SignatureInput | str] | None:
    """Parse the members of ``Signature-Input`` (``lists``) or the base64 texts of ``Signature``; ``None`` for another
    form.
    """
    members: dict[str, SignatureInput | str] = {}
    at = 0
    while True:
        name = _NAME.match(text, at)
        value = name and (_INNER_LIST if lists else _BYTES).match(text, name.end())
        if name is None or not value or name[1] in members:
            return None
        members[name[1]] = _member(value) if lists else value[1]
        at = value.end()
        if at == len(text):
            return members
        comma = _COMMA.match(text, at)
        if comma is None:
            return None
        at = comma.end()


def _member(match: re.Match[str]) -> SignatureInput:
    components = [Component(m[1][1:-1], dict(_PARAMETER.findall(m[2]))) for m in _ITEM.finditer(match[1])]
    return SignatureInput(match[0], components, dict(_PARAMETER.findall(match[2])))


def signature_base(
    message: MessageParts, request: MessageParts, components: list[Component], params: str, authority: str, scheme: str
) -> bytes:
    """Return the signature base. ``request`` is the message itself, or the request that it answers. Raises
    ``UnknownComponent``.
    """
    lines = []
    seen = set()
    for component in components:
        if str(component) in seen:
            raise UnknownComponent(f"the component {component} is given twice")
        seen.add(str(component))
        parameters = component.parameters
        of = request if "req" in parameters else message
        if not parameters.keys() <= {"req", "name"} or (
            parameters.get("req") or ("name" in parameters) != (component.name == "@query-param")
        ):
            raise UnknownComponent(f"the component {component} has parameters that are not known")
        value = _value(component, of, authority, scheme)
        lines.append(f"{component}: {value}\n")
    return ("".join(lines) + f'"@signature-params": {params}').encode()


def _value(component: Component, message: MessageParts, authority: str, scheme: str) -> str:
    name = component.name
    path, _, query = message.target.partition("?")
    host = (message.header("host") or authority).lower()
    derived = {
        "@method": message.method,
        "@target-uri": f"{scheme}://{host}{message.target}",
        "@authority": host,
        "@scheme": scheme,
        "@request-target": message.target,
        "@path": path or "/",
        "@query": f"?{query}",
    }
    if name == "@status":
        if not message.status:
            raise UnknownComponent("a request has no @status")
        return str(message.status)
    if name.startswith("@"):
        if message.status:
            raise UnknownComponent(f"an answer has no {name} of its own, only ;req")
        if name == "@query-param":
            return _query_parameter(query, component.parameters["name"])
        if name not in derived:
            raise UnknownComponent(f"the component {name} is not known")
        if not host and name in ("@authority", "@target-uri"):
            raise UnknownComponent(f"{name} cannot be worked out: the host is not known")
        return derived[name]
    value = message.header(name)
    if value is None and name == "content-length":
        return str(len(message.body))
    if value is None:
        raise UnknownComponent(f"the header {name} is missing")
    return re.sub(r"\s*[\r\n]+\s*", " ", value).strip()


def _query_parameter(query: str, quoted_name: str) -> str:
    wanted = quoted_name[1:-1]
    values = [value for key, value in parse_qsl(query, keep_blank_values=True) if _encoded(key) == wanted]
    if len(values) != 1:
        raise UnknownComponent(f"the parameter {wanted} is {'given several times' if values else 'missing'}")
    return _encoded(values[0])


def _encoded(text: str) -> str:
    """Percent-encode as forms do, but spaces as %20 (section 2.2.8)."""
    return quote(text, safe="*-._").replace("~", "%7E")
