"""Writes an emulator's statements: parses the period of a request, and writes, packs and signs the movements, directly
or as a file for a second request.

The file's address holds everything needed to write it again, so every node can serve it, also after a restart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ...core.operation import OperationKind
from ...errors import UsageError
from ..base.body_parsing import UnwritableBody
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..base.json_path import MISSING
from ..base.statement_parser import PluginStatementParser, statement_format_of
from ..base.timestamps import TimestampFormat
from ..base.variables import base_of, split_format
from ..body import JSON, encoding_at
from ..codec.compression import FILE_TYPES, compress_file
from ..codec.csv_tables import write_table, written_amount
from ..signing import ProviderSide
from ..signing.base import header_of
from ..spec.model import Contract
from ..spec.paging import PAGE, page_start
from ..spec.places import RegexSelector, as_selector, form_of_rows
from ..spec.statement import CsvFormat
from ..spec.statement import StatementSpec as StatementPart
from ..spec.statement_checks import TotalPattern
from ..statement_files.opening import file_type_of
from ..statement_files.unpacking import unpacked
from .domain_requests import InvalidRequest, StatementRequest
from .domain_responses import MovementsResponse, ProviderMovement, Refusal, RefusalKind
from .response_builder import ResponseBuilder, enclosing
from .standard_files import standard_file
from .statement_totals import stated_totals, with_totals

__all__ = ["StatementWriter", "statement_writer"]

_FOLDER = "/statement-files"
_FILE = re.compile(rf"{_FOLDER}/([a-z0-9-]{{1,63}})/(\d{{1,12}})-(\d{{1,12}})/(\d{{1,12}})(?:\?(.*))?\Z", re.ASCII)
_FOR_EVER = 10**12 - 1
"""The latest time that an address can hold."""
_DAY_S = 86_400
_UNITS_S = (("%S", 1), ("%T", 1), ("%M", 60), ("%R", 60), ("%H", 3600))
"""The smallest unit of a time format; a day if none of these occurs."""


def statement_writer(contract: Contract, providers: Mapping[str, ProviderSide]) -> StatementWriter | None:
    """Return the writer; ``None`` for a contract without statements. Raises ``UsageError`` for one that cannot be
    written.
    """
    if contract.statement is None:
        return None
    statement = StatementWriter(contract.statement, contract, providers)
    movement = ProviderMovement(1, contract.owner, "1", "po_1", 1, "payout")
    try:
        for file in (False, True):
            asked = StatementRequest(contract.owner, 0, 1, file=file, part=next(iter(contract.statement.parts), ""))
            statement.written(
                asked, MovementsResponse((movement,), 1), HttpRequest("GET", "/", (), b""), TimestampNonce()
            )
    except (UnwritableBody, ValueError) as why:
        raise UsageError(
            f"the contract of {contract.provider} cannot be emulated: its statement cannot be written: {why}.\n"
            "  mend: places that something can be put into, in a table that has room for text"
        ) from None
    return statement


class StatementWriter:
    """The statements of one contract."""

    def __init__(self, part: StatementPart, contract: Contract, providers: Mapping[str, ProviderSide]) -> None:
        self._part = part
        self._instants = TimestampFormat(part.time_form)
        self._charset = contract.charset
        self._currency, self._units = contract.currency, contract.amounts.units()
        self._providers = providers
        self._ids = {name: account.id or name for name, account in contract.accounts.items()}
        paged = part.next is not None or part.next_row is not None or part.counted is not None
        self._whole = bool(part.totals) or part.page_count is not None
        """Whether a page cannot be written without all movements."""
        self._limit = PAGE if paged and not self._whole else 1 << 31
        self._paged = paged
        self._words: dict[str, str] = {meaning: word for word, meaning in reversed(part.kinds.items())}
        tells = {"kind", "amount_back", "direction"}.intersection(part.columns) or part.sign == "negative_out"
        self._kinds = {"payout", "return"} if tells else {"payout"}
        """The kinds of movements that it can express; other movements are left out, as the contract leaves them out."""
        if "kind" in part.columns:
            self._kinds &= self._words.keys()
        if part.refund_kind == "refund" or part.refund_kind in self._kinds:
            self._kinds.add("refund")
            self._words.setdefault("refund", self._words.get("return", "refund"))

    # Requests.

    def asked(self, values: Mapping[str, Any], account: str, cursor: str) -> StatementRequest:
        """Return the domain request from a request's values. Raises ``ValueError`` for an invalid period or page."""
        start = page_start(cursor, self._part.counted)  # a cursor that was never given is refused in any case
        after, skip = (0, 0) if self._whole else start
        from_s, to_s = 0, _FOR_EVER
        for name, value in values.items():
            if name.startswith("period.from"):
                from_s, _ = _instant(name, str(value))
                if self._part.window == "day":
                    to_s = from_s + _DAY_S
            elif name.startswith("period.to") and self._part.window != "day":
                to_s, unit_s = _instant(name, str(value))
                to_s += unit_s if self._part.window == "closed" else 0
        if not 0 <= from_s <= to_s <= _FOR_EVER:
            raise ValueError("the period ends before it begins, or is too far away")
        part, asked_id = str(values.get("part") or ""), str(values.get("account.id") or "")
        if part not in (self._part.parts or [""]):
            raise ValueError(f"there is no part {part}")
        return StatementRequest(
            account, from_s, to_s, after, self._limit, skip=skip, page=cursor if self._whole else "", part=part,
            account_id="" if asked_id in self._ids.values() else asked_id,
        )  # fmt: skip

    def asked_for_file(
        self, request: HttpRequest, at: TimestampNonce | None
    ) -> StatementRequest | InvalidRequest | None:
        """Return the domain request of the second step; ``None`` if it is no request for a file. ``at`` is the arrival
        time.
        """
        match = _FILE.match(request.target) if self._part.download is not None and request.method == "GET" else None
        if match is None or match[1] not in self._providers:
            return None
        account, from_s, to_s, until_s = match[1], int(match[2]), int(match[3]), int(match[4])
        problem = self._providers[account].problem_of(request, at) if self._part.download_signed else ""
        if problem:
            return InvalidRequest(Refusal(RefusalKind.UNAUTHORIZED, problem), OperationKind.STATEMENT)
        if at is not None and at.unix_s >= until_s:
            return InvalidRequest(
                Refusal(RefusalKind.NOT_FOUND, "the address worked until then"), OperationKind.STATEMENT, account
            )
        more = dict(parse_qsl(match[5] or ""))
        return StatementRequest(
            account, from_s, to_s, file=True, part=more.get("part", ""), account_id=more.get("account", "")
        )

    # Answers.

    def answer(
        self, asked: StatementRequest, page: MovementsResponse, request: HttpRequest, timestamp_nonce: TimestampNonce
    ) -> HttpResponse:
        """Return the statement, or its address; an error of the provider for a response that a statement cannot
        express.
        """
        try:
            return self.written(asked, page, request, timestamp_nonce)
        except (UnwritableBody, ValueError) as why:
            return HttpResponse(500, {"content-type": "text/plain"}, str(why).encode())

    def written(
        self, asked: StatementRequest, page: MovementsResponse, request: HttpRequest, timestamp_nonce: TimestampNonce
    ) -> HttpResponse:
        """Return the written statement. Raises ``ValueError`` or ``UnwritableBody``."""
        part = self._part
        if part.download is not None and not asked.file:
            return self._where(asked, page, request, timestamp_nonce)
        movements = [movement for movement in page.movements if movement.kind in self._kinds]
        if part.parts:
            mine = part.parts.index(asked.part)
            movements = [movement for movement in movements if movement.id % len(part.parts) == mine]
        whole, following = movements, page.next
        if self._whole and self._paged:
            skipped, begin = page_start(asked.page, part.counted)
            begin += sum(movement.id <= skipped for movement in whole)
            movements = whole[begin : begin + PAGE]
            following = movements[-1].id if movements else skipped
        rows = [self._facts(movement, asked.account_id) for movement in movements]
        content_type, headers = JSON.content_type, {}
        if part.csv is not None or part.standard is not None:
            content_type, content = file_type_of(part), self._table(rows, whole, asked)
        elif part.hook is not None:
            content_type, content = self._hooked([_cells(part.columns, row) for row in rows], part.hook)
        else:
            draft = self._listed(rows, following, whole)
            content, headers, content_type = draft.body(), draft.headers, draft.form.content_type
        if part.compressed:
            content_type = FILE_TYPES[part.compressed]
            content = compress_file(
                content, part.compressed, f"statement{part.zip_entry}" if part.zip_entry else "statement"
            )
        return HttpResponse(200, {"content-type": content_type, **headers}, content)

    def _table(
        self, rows: Sequence[Mapping[str, Any]], whole: Sequence[ProviderMovement], asked: StatementRequest
    ) -> bytes:
        """Write a table or a standard's file. Raises ``ValueError`` or ``UnwritableBody``."""
        part = self._part
        if part.csv is None:
            assert part.standard is not None
            account = asked.account_id or self._ids.get(asked.account, asked.account)
            return standard_file(part.standard, rows, account, self._currency, asked.from_s)
        form, pages = part.csv, part.page_count
        cells = [_cells(part.columns, _with_marks(row, form)) for row in rows]
        if not part.totals:
            return write_table(cells, form, part.column_names(), _page_row(pages, len(whole)))
        if form.summary_rows < 2:
            raise UnwritableBody("totals take two summary rows: their names, and below them what they are")
        shorter = form.model_copy(update={"summary_rows": form.summary_rows - 2})
        table = write_table(cells, shorter, part.column_names(), _page_row(pages, len(whole)))
        totals = stated_totals(list(part.totals), whole, lambda minor: written_amount(str(self._written(minor)), form))
        return with_totals(table, totals, part.totals, form.delimiter, form.encoding)

    def _written(self, minor: int, currency: str = "") -> str | int:
        """Write an amount in the statement's units."""
        written = self._units.major if self._part.money == "major" else self._units.written_minor
        return written(minor, currency or self._currency)

    def _hooked(self, rows: Sequence[Mapping[str, str]], hook: PluginStatementParser) -> tuple[str, bytes]:
        """Write it with a plug-in. Raises ``UnwritableBody``."""
        tables = statement_format_of(hook, self._part.column_names())
        if tables.write is None:
            raise UnwritableBody(f"what {hook.name} reads, nobody writes")
        return tables.content_type, tables.write(rows)

    def _where(
        self, asked: StatementRequest, page: MovementsResponse, request: HttpRequest, timestamp_nonce: TimestampNonce
    ) -> HttpResponse:
        """Return the answer of the first step: an address at the host of the request."""
        part = self._part
        assert part.download is not None
        host = header_of(request.headers, "host")
        until_s = _FOR_EVER if part.link_expires is None else timestamp_nonce.unix_s + part.link_expires.ns // 10**9
        path = f"{_FOLDER}/{asked.account}/{asked.from_s}-{asked.to_s}/{until_s}"
        more = {"part": asked.part, "account": asked.account_id}
        if any(more.values()):
            path += f"?{urlencode({name: value for name, value in more.items() if value})}"
        place = as_selector(part.download)
        form = encoding_at(place.at) or JSON
        draft = ResponseBuilder(form, None)
        draft.set(place.at, enclosing(place, f"http://{host}{path}" if host else path))
        if part.checksum is not None:
            file = self.written(asked._replace(file=True), page, request, timestamp_nonce).body
            packing = part.compressed or "" if part.checksum.of == "content" else ""
            with unpacked(BytesIO(file), packing, entry=part.zip_entry) as content:
                digest = hashlib.new(part.checksum.algorithm, content.read()).hexdigest()
            at = as_selector(part.checksum.at)
            draft.set(at.at, enclosing(at, digest))
        return HttpResponse(200, {"content-type": form.content_type, **draft.headers}, draft.body())

    def _listed(
        self, rows: Sequence[Mapping[str, Any]], following: int, whole: Sequence[ProviderMovement]
    ) -> ResponseBuilder:
        part = self._part
        assert part.rows is not None
        form = form_of_rows(part.rows).in_charset(self._charset)
        draft = ResponseBuilder(form, None)
        written = []
        for facts in rows:
            row: Any = form.new_document(None)
            for name, value in (("next_row", facts["movement_id"]), *facts.items()):
                path = part.next_row if name == "next_row" else part.columns.get(name)  # type: ignore[call-overload]
                if path is not None and value is not None:
                    row = form.put(row, path, value)
            written.append(row)
        draft.set_rows(part.rows, written)
        if part.next is not None:
            place = as_selector(part.next)
            draft.set(place.at, enclosing(place, str(following)) if rows else MISSING)
        totals = stated_totals(list(part.totals), whole, self._written)
        if part.page_count is not None and not isinstance(part.page_count, TotalPattern):
            draft.set(as_selector(part.page_count).at, max(1, -(-len(whole) // PAGE)))
        for total, where in part.totals.items():
            assert isinstance(where, str | RegexSelector)  # the model sees to it
            text = totals[total]
            counts = total in ("rows", "rows_out", "rows_in") or (part.money == "minor" and not self._units.as_text)
            draft.set(as_selector(where).at, int(text) if counts and form.typed else text)
        return draft

    def _facts(self, movement: ProviderMovement, account_id: str = "") -> dict[str, Any]:
        part = self._part
        out = movement.kind == "payout"
        minor = -movement.amount if out and part.sign == "negative_out" else movement.amount
        currency = movement.currency or self._currency
        amount = self._written(minor, currency)
        where = "out" if out else "in"
        word = next((said for said, meant in part.directions.items() if meant == where), where)
        elsewhere = not out and "amount_back" in part.columns
        return {
            "movement_id": str(movement.id),
            "order_no": movement.order_no,
            "provider_id": movement.provider_id,
            "account": account_id or self._ids.get(movement.account, movement.account),
            "amount": None if elsewhere else amount,
            "amount_back": amount if elsewhere else None,
            "kind": self._words.get(movement.kind),
            "refund_no": movement.refund_no or None,
            "at": self._instants.write(movement.at_s),
            "at_s": movement.at_s,
            "currency": currency,
            "direction": where if part.standard is not None else word,
            "fee": self._written(0, currency),
            "status": "BOOKED",
        }


def _page_row(page_count: object, movements: int) -> str:
    """Return the text above a table that says how many pages there are; empty where none is to."""
    if not isinstance(page_count, TotalPattern):
        return ""
    pages = str(max(1, -(-movements // PAGE)))
    match = re.fullmatch(r"\^?([^\\()\[\]*+?{}|.]*)\(\\d\+\)([^\\()\[\]*+?{}|.]*)\$?", page_count.regex)
    if match is None:
        raise UnwritableBody(f"no text is known that {page_count.regex!r} finds a count in: write it as Pages: (\\d+)")
    return f"{match[1]}{pages}{match[2]}"


def _with_marks(facts: Mapping[str, Any], form: CsvFormat) -> dict[str, Any]:
    """Return the facts with amounts as the table writes them."""
    marked = ("amount", "amount_back", "fee")
    amounts = {name: written_amount(str(facts[name]), form) for name in marked if facts[name] is not None}
    return {**facts, **amounts}


def _cells(columns: Mapping[Any, str | list[str]], facts: Mapping[str, Any]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, column in columns.items():
        text = "" if facts[name] is None else str(facts[name])
        if isinstance(column, str):
            cells[column] = text
        else:
            cells |= dict(zip(column, text.split(" ", len(column) - 1), strict=True))
    return cells


def _instant(name: str, text: str) -> tuple[int, int]:
    """Parse a variable's time. Return it with the length of its smallest unit, in seconds. Raises ``ValueError``."""
    if base_of(name).endswith(".unix"):
        return int(text), 1
    pattern, zone = split_format(name.partition(":")[2])
    found = datetime.strptime(text, pattern)
    instant = found if found.tzinfo is not None else found.replace(tzinfo=zone)
    return int(instant.timestamp()), next((unit_s for part, unit_s in _UNITS_S if part in pattern), _DAY_S)
