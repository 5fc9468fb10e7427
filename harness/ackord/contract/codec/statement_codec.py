"""Request a statement by period, fetch its file in a second step if need be, decompress it, and read its movements.

The merchant's books are reconciled against a statement long afterwards, so the codec guesses nothing. Any difference
from the contract makes the whole statement unreadable, with a reason, and it then proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from ..base.body_parsing import (
    MAX_INFLATED,
    UnreadableBody,
    body_bytes,
    currency_code,
    major_amount,
    minor_amount,
    shortened,
    text_of,
)
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..base.json_path import MISSING, JsonGetter
from ..base.patterns import compile_pattern
from ..base.statement_parser import statement_format_of
from ..base.timestamps import TimestampFormat
from ..base.variables import STATEMENT_VARIABLES
from ..body import JSON, encoding_at
from ..body.selectors import compile_selector
from ..signing import MerchantSide
from ..spec.model import Contract
from ..spec.places import as_selector, form_of_rows
from ..spec.statement import StatementSpec
from ..statement_files.opening import file_type_of, rows_of
from .compression import FILE_TYPES, decompress_file
from .csv_tables import ROW_ID, plain_amount, with_row_ids
from .ledger_rows import AmountReader, LedgerPage, RowPages, RowReader, signed_amount
from .request_renderer import RequestRenderer, RequestRenderError

__all__ = ["StatementCodec", "StatementDownload", "cell_of", "part_of"]

_MOST_ADDRESS = 4096
"""Characters of a file's address: what signs it makes it long."""


class StatementDownload(NamedTuple):
    """The second step. With a ``problem`` there is nothing to fetch."""

    request: HttpRequest | None
    problem: str = ""
    origin: str = ""
    """Where it is, if not at the provider's own address."""


class StatementCodec:
    """Asks for statements and reads them."""

    def __init__(self, statement: StatementSpec, contract: Contract, merchants: Mapping[str, MerchantSide]) -> None:
        """Raises ``TemplateProblem``."""
        self._statement = statement
        self._merchants = merchants
        self._currency, self._units = contract.currency, contract.amounts.units()
        columns = statement.columns
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
        self._pages = None
        if statement.rows is not None:
            self._pages = RowPages(
                statement.rows, statement.next, statement.next_row, statement.counted, contract.charset
            )
        self._places: dict[str, JsonGetter] = {
            name: cell_of(column)
            if statement.rows is None or not isinstance(column, str)
            else form_of_rows(statement.rows).row_getter(column, statement.rows)
            for name, column in columns.items()
        }
        if statement.order_no_part is not None and "order_no" in columns:
            self._places["order_no"] = part_of(self._places["order_no"], statement.order_no_part)
        if "movement_id" not in columns:
            self._places["movement_id"] = cell_of(ROW_ID)
        instants = TimestampFormat(statement.time_form)
        self._reader = RowReader(self._places, self._amount, statement.kinds, contract, instants)

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
        return cursor if self._pages is None else self._pages.asked(cursor)

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

    # Movements.

    def read(self, answer: HttpResponse, asked_by: str, numbers: Mapping[str, str], cursor: str | None) -> LedgerPage:
        """What the last step was answered, as in ``LedgerCodec.read``. Never raises."""
        try:
            _check_status(answer)
            rows, following = self._rows(answer, cursor)
            counted = self._statement.counted is not None
            return self._reader.read_page(rows, following, asked_by, numbers, counted=counted)
        except UnreadableBody as why:
            return LedgerPage((), None, f"the statement cannot be read: {why}")

    def _rows(self, answer: HttpResponse, cursor: str | None) -> tuple[list[Any], str | None]:
        statement = self._statement
        content = body_bytes(answer)
        # A client may have taken the packing for the connection's and undone it already.
        undone = "gzip" in answer.headers.get("content-encoding", "") and not content.startswith(b"\x1f\x8b")
        if statement.compressed == "zip" or (statement.compressed and not undone):
            names = statement.csv.encoding if statement.csv is not None else "utf-8"
            content = decompress_file(
                content, statement.compressed, MAX_INFLATED, entry=statement.zip_entry, names=names
            )
        if self._pages is not None:
            headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
            return self._pages.read(answer._replace(headers=headers, body=content), cursor)
        if self._tables is not None:
            return list(self._tables.read(content)), None
        rows = [row.cells for row in rows_of(BytesIO(content), statement)]
        return with_row_ids(rows) if "movement_id" not in statement.columns else rows, None

    def _amount(self, row: Any) -> AmountReader:
        minor = self._minor(row, "amount")
        kind = ""
        if "amount_back" in self._places:
            found = {"payout": minor, "return": self._minor(row, "amount_back")}
            moved = [name for name, amount in found.items() if amount]
            if len(moved) != 1:
                raise UnreadableBody(f"a movement has {'no' if not moved else 'two'} amounts, expected one")
            kind, minor = moved[0], found[moved[0]]
        if "direction" in self._places:
            word = text_of(self._places["direction"](row), "a movement's direction")
            if word not in self._statement.directions:
                raise UnreadableBody(f"a movement has the unknown direction {word!r}")
            kind = {"out": "payout", "in": "return"}[self._statement.directions[word]]
        return signed_amount(minor, self._statement.sign, kind)

    def _minor(self, row: Any, name: str) -> int | None:
        value, what = self._places[name](row), "a movement's amount"
        if self._statement.csv is not None:
            value = plain_amount(value, self._statement.csv, what)
        currency = self._currency
        if "currency" in self._places:
            currency = currency_code(self._places["currency"](row), "a movement's currency") or currency
        if self._statement.money == "major":
            return major_amount(value, currency, what)
        return minor_amount(
            value, currency, self._units, what, typed=self._pages is not None and self._pages.form.typed
        )


def part_of(get: JsonGetter, pattern: str) -> JsonGetter:
    """Return what gets the part of a text that a regular expression finds; ``MISSING`` where it finds none."""
    search = compile_pattern(pattern)

    def part(row: Any) -> Any:
        text = get(row)
        match = search(text) if type(text) is str else None
        return MISSING if match is None else match[1] if match.re.groups else match[0]

    return part


def cell_of(column: str | list[str]) -> JsonGetter:
    """Of a list of columns, the cells with a blank between them; ``MISSING`` where one is empty."""
    if isinstance(column, str):
        return lambda row: row.get(column, MISSING)

    def joined(row: Any) -> Any:
        cells = [row.get(name, "") for name in column]
        return " ".join(map(str, cells)) if all(cell != "" for cell in cells) else MISSING

    return joined


def _check_status(answer: HttpResponse) -> None:
    if not 200 <= answer.status < 300:
        raise UnreadableBody(f"status {answer.status}")


def _origin_of(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
