"""Parse a request into the contract's operation and the values of its variables: the reverse of ``request_renderer``.

The emulator and the traffic import need it. Whatever a template does not name (further fields, signatures, other
headers) is ignored. A fixed text in a body, such as a description, decides only where two operations share an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree.ElementTree import Element

from ..base.body_parsing import UnreadableBody, parse_body
from ..base.http_messages import HttpRequest, HttpResponse
from ..base.template import SplitTemplate, split_text
from ..base.variables import CAPTURED, VARIABLES, base_of
from ..body.request_encodings import form_fields
from ..spec.model import Contract, operations_of
from ..spec.requests import RequestSpec

__all__ = ["ParsedRequest", "PathPattern", "RequestMismatch", "RequestParser"]

Values = dict[str, Any]
"""By variables' names: text, or in JSON what stood there."""

_MAY_BE_ABSENT = frozenset({"provider_id", "cursor", "callback_url"})


class ParsedRequest(NamedTuple):
    """What a request asks for."""

    operation: str
    """An ``OperationKind`` (a resubmission is parsed as a submit), or a prerequisite: ``prerequisite:NAME``."""
    values: Mapping[str, Any]


class RequestMismatch(Exception):
    """The request is not of this pattern."""


class RequestParser:
    """All operations of a contract; safe to share between threads."""

    def __init__(self, contract: Contract) -> None:
        allowed = _AnyVariable()
        operations: list[tuple[str, RequestSpec]] = [(row.kind, part.request) for row, part in operations_of(contract)]
        operations += [(f"prerequisite:{p.name}", p.request) for p in contract.prerequisites]
        self._patterns = [(name, _RequestPattern(request, allowed)) for name, request in operations]

    def read(self, request: HttpRequest) -> ParsedRequest | None:
        """``None`` for a request that is no operation of the contract. Never raises for what a merchant sends."""
        for insist in (True, False):
            found = [(name, values) for name, values in self._matches(request, insist)]
            if found and (insist or len(found) == 1):
                return ParsedRequest(*found[0])
        return None

    def _matches(self, request: HttpRequest, insist: bool) -> Iterator[tuple[str, Values]]:
        for name, pattern in self._patterns:
            try:
                yield name, pattern.match(request, insist)
            except RequestMismatch:
                continue


class _AnyVariable:
    """As the variables that are allowed: all of them, for the contract was checked when it was compiled."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name.startswith(CAPTURED) or base_of(name) in VARIABLES)

    def __iter__(self) -> Iterator[str]:
        return iter(VARIABLES)

    def __len__(self) -> int:
        return len(VARIABLES)


class _RequestPattern:
    """One request's templates, turned around."""

    def __init__(self, request: RequestSpec, allowed: _AnyVariable) -> None:
        def text(template: str) -> _TextPattern:
            return _TextPattern(split_text(template, allowed, ()))

        self._method = request.method
        self._path = PathPattern(split_text(request.path, allowed, ()))
        self._query = {name: text(value) for name, value in request.query.items()}
        self._headers = {name.lower(): text(value) for name, value in request.headers.items()}
        self._encoding = request.encoding
        self._body: Callable[[Any, Values, bool], None] | None = None
        if request.encoding == "form":
            fields = [(name, text(value)) for name, value, _ in form_fields(request.form)]
            self._body = lambda document, values, insist: _match_fields(fields, document or {}, values, insist)
        elif request.encoding:
            template = request.body(request.encoding)
            match = _match_json if request.encoding == "json" else _match_xml
            self._body = lambda document, values, insist: match(template, document, values, insist, allowed)

    def match(self, request: HttpRequest, insist: bool) -> Values:
        """Raises ``RequestMismatch``."""
        target = urlsplit(request.target)
        if request.method != self._method:
            raise RequestMismatch
        values: Values = {}
        self._path.match(target.path, values)
        parameters = dict(parse_qsl(target.query, keep_blank_values=True))
        _match_fields(self._query.items(), parameters, values, insist=True)
        headers = {name.lower(): value for name, value in request.headers}
        # A header that is fixed (an API version, a vendor's content type) is not what tells operations apart.
        _match_fields(self._headers.items(), headers, values, insist=False)
        if self._body is not None:
            try:
                document = parse_body(HttpResponse(200, {}, request.body), self._encoding)
            except UnreadableBody:
                raise RequestMismatch from None
            self._body(document, values, insist)
        return values


def _note(values: Values, name: str, value: Any) -> None:
    """A variable that stands in several places has one value. Raises ``RequestMismatch``."""
    if values.setdefault(name, value) != value and str(values[name]) != str(value):
        raise RequestMismatch


class _TextPattern:
    """A text with variables in it."""

    def __init__(self, split: SplitTemplate, one: str = "(.*?)") -> None:
        self.names = split.names
        self.variable = split.variable
        self._constant = split.literals[0] if not split.names else None
        parts = [re.escape(split.literals[0])]
        for literal in split.literals[1:]:
            parts += [one, re.escape(literal)]
        self._match = re.compile("".join(parts), re.DOTALL).fullmatch
        self._as_json = _as_json(split) if self.names and self.variable is None else None

    def match(self, text: Any, values: Values, insist: bool) -> None:
        """Raises ``RequestMismatch``."""
        if self._constant is not None:
            if insist and text != self._constant:
                raise RequestMismatch
            return
        if self.variable is not None:
            _note(values, self.variable, text)
            return
        if self._as_json is not None and type(text) is str:
            try:
                document = json.loads(text)
            except ValueError:
                document = None
            if document is not None:
                _match_json(self._as_json, document, values, insist, _AnyVariable())
                return
        match = self._match(text) if type(text) is str else None
        if match is None:
            raise RequestMismatch
        for name, value in zip(self.names, match.groups(), strict=True):
            _note(values, name, value)


class PathPattern(_TextPattern):
    """A path, in which a value never holds a slash."""

    def __init__(self, split: SplitTemplate) -> None:
        super().__init__(split, "([^/]+)")

    def match(self, text: Any, values: Values, insist: bool = True) -> None:
        match = self._match(text)
        if match is None:
            raise RequestMismatch
        for name, value in zip(self.names, match.groups(), strict=True):
            _note(values, name, unquote(value))


def _as_json(split: SplitTemplate) -> Any:
    """Return the data of a text that is itself JSON with variables in it; ``None`` if it is not.

    Alipay's form field ``biz_content`` is such a text.
    """
    text = split.literals[0] + "".join(
        f"${{{name}}}{literal}" for name, literal in zip(split.names, split.literals[1:], strict=True)
    )
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _match_fields(fields: Any, found: Mapping[str, Any], values: Values, insist: bool) -> None:
    """Named texts: a query's parameters, a form, headers. Raises ``RequestMismatch``."""
    for name, pattern in fields:
        if name in found:
            pattern.match(found[name], values, insist)
        elif (pattern.names and not _optional(pattern.variable)) or (not pattern.names and insist):
            raise RequestMismatch


def _optional(variable: str | None) -> bool:
    return variable is not None and (variable in _MAY_BE_ABSENT or variable.startswith(CAPTURED))


def _match_json(template: Any, found: Any, values: Values, insist: bool, allowed: _AnyVariable) -> None:
    """Raises ``RequestMismatch``."""
    if isinstance(template, dict):
        if not isinstance(found, dict):
            raise RequestMismatch
        for key, part in template.items():
            if key in found:
                _match_json(part, found[key], values, insist, allowed)
            elif _needed(part, insist):
                raise RequestMismatch
    elif isinstance(template, list):
        if not isinstance(found, list) or len(found) != len(template):
            raise RequestMismatch
        for part, item in zip(template, found, strict=True):
            _match_json(part, item, values, insist, allowed)
    elif isinstance(template, str):
        _TextPattern(split_text(template, allowed, ())).match(found, values, insist)
    elif insist and found != template:
        raise RequestMismatch


def _needed(part: Any, insist: bool) -> bool:
    """Whether what a template speaks of must be there: where variables are in it, or on the strict look."""
    return insist or (isinstance(part, str) and "${" in part) or isinstance(part, dict | list)


def _match_xml(template: Any, found: Any, values: Values, insist: bool, allowed: _AnyVariable) -> None:
    """Raises ``RequestMismatch``."""
    ((root, content),) = template.items()
    if not isinstance(found, Element) or found.tag != root:
        raise RequestMismatch
    _match_element(content, found, values, insist, allowed)


def _match_element(template: Any, element: Element, values: Values, insist: bool, allowed: _AnyVariable) -> None:
    if not isinstance(template, dict):
        _TextPattern(split_text(str(template), allowed, ())).match(element.text or "", values, insist)
        return
    for key, part in template.items():
        if key == "#text" or key.startswith("@"):
            text = element.text or "" if key == "#text" else element.get(key[1:])
            _TextPattern(split_text(str(part), allowed, ())).match(text, values, insist)
            continue
        children = element.findall(key)
        parts = part if isinstance(part, list) else [part]
        if len(children) != len(parts) and (children or _needed(part, insist)):
            raise RequestMismatch
        for one, child in zip(parts, children, strict=False):
            _match_element(one, child, values, insist, allowed)
