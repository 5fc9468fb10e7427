"""Asks for a statement by period, and for its file in a second step if need be. The room ``statements`` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from ..base.body_parsing import UnreadableBody, shortened
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..base.json_path import MISSING
from ..base.statement_parser import statement_format_of
from ..base.variables import STATEMENT_VARIABLES
from ..body import JSON, encoding_at
from ..body.selectors import compile_selector
from ..signing import MerchantSide
from ..spec.model import Contract
from ..spec.places import as_selector, form_of_rows
from ..spec.statement import StatementSpec
from ..statement_files.opening import file_type_of
from .compression import FILE_TYPES
from .request_renderer import RequestRenderer, RequestRenderError

__all__ = ["StatementCodec", "StatementDownload"]

_MOST_ADDRESS = 4096
"""Characters of a file's address: what signs it makes it long."""


class StatementDownload(NamedTuple):
    """The second step. With a ``problem`` there is nothing to fetch."""

    request: HttpRequest | None
    problem: str = ""
    origin: str = ""
    """Where it is, if not at the provider's own address."""


class StatementCodec:
    """Asks for statements."""

    def __init__(self, statement: StatementSpec, contract: Contract, merchants: Mapping[str, MerchantSide]) -> None:
        """Raises ``TemplateProblem``."""
        self._statement = statement
        self._merchants = merchants
        self._tables = None if statement.hook is None else statement_format_of(statement.hook, statement.column_names())
        accept = self._file_type()
        self._file_headers = (("accept", accept),)
        self._address = None
        if statement.download is not None:
            place = as_selector(statement.download)
            self._address, self._where = compile_selector(place), encoding_at(place.at)
            accept = (self._where or JSON).content_type
        self.renderer = RequestRenderer(
            statement.request, merchants, STATEMENT_VARIABLES, ("statement", "request"), accept=accept
        )

    def _file_type(self) -> str:
        if self._statement.compressed:
            return FILE_TYPES[self._statement.compressed]
        if self._tables is not None:
            return self._tables.content_type
        return (
            file_type_of(self._statement)
            if self._statement.rows is None
            else form_of_rows(self._statement.rows).content_type
        )

    @property
    def in_two_steps(self) -> bool:
        """Whether the answer only says where the file is."""
        return self._address is not None

    def asked(self, cursor: str | None) -> int | str | None:
        """What ``${cursor}`` is in the request for a page, ``None`` being the first."""
        counted = self._statement.counted
        return cursor if counted is None else counted.number(cursor)

    # The second step.

    def file(
        self, answer: HttpResponse, origin: str, account: str, timestamp_nonce: TimestampNonce
    ) -> StatementDownload:
        """Build the request for the file that ``answer`` names; ``origin`` is the address of the first request.

        Never raises for what a provider sends. Raises ``RequestRenderError`` if the request cannot be signed.
        """
        try:
            _check_status(answer)
            elsewhere, target = self._target(answer, origin)
        except UnreadableBody as why:
            return StatementDownload(None, f"the statement's file cannot be fetched: {why}")
        request = HttpRequest("GET", target, self._file_headers, b"")
        part = self._statement
        signed = "download_hosts_signed" if elsewhere else "download_signed"
        try:
            if getattr(part, signed):
                request = self._merchants[account].sign(request, timestamp_nonce)
        except ValueError as why:
            raise RequestRenderError(
                ("statement", signed), f"a request for a file cannot be signed: {why}", mend=f"{signed}: false"
            ) from None
        return StatementDownload(request, origin=elsewhere)

    def _target(self, answer: HttpResponse, origin: str) -> tuple[str, str]:
        """Return the file's origin (empty for ``origin`` itself), and its target there.

        A file at an origin that the contract does not expect is not fetched: the responder could otherwise direct
        requests, and the merchant's signature, to any machine.
        """
        assert self._address is not None
        document = None if self._where is None else self._where.read(answer)
        address = self._address(document, answer.headers, MISSING)
        if type(address) is not str or not address:
            raise UnreadableBody("its address is missing in the answer")
        if len(address) > _MOST_ADDRESS or not (address.isascii() and address.isprintable()) or " " in address:
            raise UnreadableBody("its address is none")
        try:
            parts = urlsplit(urljoin(f"{origin}/", address))
            found = _origin_of(parts)
            known = {_origin_of(urlsplit(url)): url for url in self._statement.download_hosts}
            known[_origin_of(urlsplit(origin))] = ""
        except ValueError:
            raise UnreadableBody(f"its address is none: {shortened(address)}") from None
        if found not in known or parts.username is not None:
            raise UnreadableBody(f"it is on another machine than the provider ({origin}): {shortened(address)}")
        return known[found], f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _check_status(answer: HttpResponse) -> None:
    if not 200 <= answer.status < 300:
        raise UnreadableBody(f"status {answer.status}")


def _origin_of(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
