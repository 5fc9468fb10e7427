"""Parse a request into the contract's operation and the values of its variables: the reverse of ``request_renderer``.

The emulator and the traffic import need it. Whatever a template does not name (further fields, signatures, other
headers) is ignored. A fixed text in a body, such as a description, decides only where two operations share an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from ..base.body_parsing import UnreadableBody
from ..base.http_messages import HttpRequest, HttpResponse
from ..base.template_match import PathPattern, RequestMismatch, TextPattern, TextValues, match_fields
from ..spec.model import Contract, operations_of
from ..spec.requests import RequestSpec

__all__ = ["CLOCK", "ParsedRequest", "RequestParser"]


CLOCK = "sandbox_clock"
"""What a request that moves the sandbox's clock is parsed as."""


class ParsedRequest(NamedTuple):
    """What a request asks for."""

    operation: str
    """An ``OperationKind`` (a resubmission is parsed as a submit), ``prerequisite:NAME``, or ``CLOCK``."""
    values: Mapping[str, Any]


class RequestParser:
    """All operations of a contract; safe to share between threads."""

    def __init__(self, contract: Contract) -> None:
        operations: list[tuple[str, RequestSpec]] = [(row.kind, part.request) for row, part in operations_of(contract)]
        operations += [(f"prerequisite:{p.name}", p.request) for p in contract.prerequisites]
        if contract.sandbox_clock is not None:
            operations.append((CLOCK, contract.sandbox_clock.advance))
        self._patterns = [(name, _RequestPattern(request)) for name, request in operations]

    def read(self, request: HttpRequest) -> ParsedRequest | None:
        """``None`` for a request that is no operation of the contract. Never raises for what a merchant sends."""
        for insist in (True, False):
            found = [(name, values) for name, values in self._matches(request, insist)]
            if found and (insist or len(found) == 1):
                return ParsedRequest(*found[0])
        return None

    def _matches(self, request: HttpRequest, insist: bool) -> Iterator[tuple[str, TextValues]]:
        for name, pattern in self._patterns:
            try:
                yield name, pattern.match(request, insist)
            except RequestMismatch:
                continue


class _RequestPattern:
    """One request's templates, turned around."""

    def __init__(self, request: RequestSpec) -> None:
        self._method = request.method
        self._path = PathPattern(request.path)
        self._query = {name: TextPattern(value) for name, value in request.query.items()}
        self._headers = {name.lower(): TextPattern(value) for name, value in request.headers.items()}
        self._encoding = request.encoding
        self._match_body = None if request.encoding is None else request.encoding.matcher(request.body)

    def match(self, request: HttpRequest, insist: bool) -> TextValues:
        """Raises ``RequestMismatch``."""
        target = urlsplit(request.target)
        if request.method != self._method:
            raise RequestMismatch
        values: TextValues = {}
        self._path.match(target.path, values)
        parameters = dict(parse_qsl(target.query, keep_blank_values=True))
        match_fields(self._query.items(), parameters, values, insist=True)
        headers = {name.lower(): value for name, value in request.headers}
        # A header that is fixed (an API version, a vendor's content type) is not what tells operations apart.
        match_fields(self._headers.items(), headers, values, insist=False)
        if self._encoding is not None and self._match_body is not None:
            try:
                document = self._encoding.read(HttpResponse(200, {}, request.body))
            except UnreadableBody:
                raise RequestMismatch from None
            self._match_body(document, values, insist)
        return values
