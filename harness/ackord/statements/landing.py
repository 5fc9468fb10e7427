"""Reads the pages of a partition line by line, checks them as a whole, and lands them in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from ..contract.base.body_parsing import UnreadableBody, body_bytes
from ..contract.base.http_messages import HttpResponse
from ..contract.base.periods import Period
from ..contract.base.statement_parser import statement_format_of
from ..contract.codec.ledger_rows import rows_repeated
from ..contract.spec.model import Contract
from ..contract.spec.statement import StatementSpec
from ..contract.statement_files.opening import opened_rows
from ..contract.statement_files.rows import FileRow, UnreadableLine
from ..contract.statement_files.unpacking import unpacked
from .claims import Claims, check_claims
from .fetching import MOST_PAGE_BYTES, FetchedPart
from .line_reader import LineReader
from .lines import StatementLine
from .outcomes import MovingPages
from .page_reader import PageReader, ReadPage
from .partitions import PullPartition
from .raw_rows import raw_of
from .store import Landing, StagedPartition, StatementStore
from .transfer import PageEnd, TransferredPage

__all__ = ["PartitionLander"]

_BATCH = 4096
_MOST_HOOK_BYTES = 1 << 28
"""Of a file that a plug-in parses as a whole."""


class PartitionLander:
    """Lands partitions of one contract's statements."""

    def __init__(self, statement: StatementSpec, contract: Contract) -> None:
        """Raises ``ContractError``."""
        self._statement = statement
        self._reader = LineReader(statement, contract)
        self._claims = Claims(statement, contract)
        self._page_reader = None
        if statement.rows is not None:
            self._page_reader = PageReader(statement, contract, self._reader, self._claims)
        self._pages = None if self._page_reader is None else self._page_reader.pages
        self._hook = None
        if statement.hook is not None:
            self._hook = statement_format_of(statement.hook, statement.column_names())

    def read(self, part: FetchedPart, cursor: str | None, partition: PullPartition) -> ReadPage:
        """Return one page or file as it is, checked by its own digest alone and landed nowhere.

        Raises ``UnreadableBody``.
        """
        if part.nothing:
            return ReadPage([], None, {})
        with part.path.open("rb") as file:
            self._check_digest(file, part)
        if self._page_reader is not None:
            answer = self._answer(part)
            end = self.end_of(part, cursor)
            totals = self._page_reader.totals(answer) if end.following is None else {}
            return ReadPage(self._page_reader.lines(answer, partition.account.words), end.following, totals)
        if self._hook is not None:
            with part.path.open("rb") as file:
                return ReadPage([self._line(row, partition) for row in self._hooked(file, part)], None, {})
        following = None if self._statement.counted is None else self.end_of(part, cursor).following
        with part.path.open("rb") as file, opened_rows(file, self._statement, packing=self._packing(part)) as table:
            lines = [self._line(row, partition) for row in table]
            totals = self._claims.in_table(table.around()) if self._statement.totals and following is None else {}
        return ReadPage(lines, following, totals)

    # While pages come.

    def end_of(self, part: FetchedPart, cursor: str | None) -> PageEnd:
        """Return how a page ends. Raises ``UnreadableBody``."""
        counted, ids = self._statement.counted, frozenset[str]()
        if self._pages is None:  # a table with pages
            assert counted is not None
            with part.path.open("rb") as file, opened_rows(file, self._statement, packing=self._packing(part)) as table:
                rows, stated = sum(1 for _ in table), self._claims.pages_in_table(table.around())
        else:
            answer = self._answer(part)
            found, following = self._pages.read(answer, cursor)
            rows, stated = len(found), None
            if counted is not None:
                ids = frozenset(filter(None, map(self._reader.identifier, found)))
            if self._statement.page_count is not None:
                stated = self._claims.pages_in_document(self._pages.form.read(answer), answer.headers)
            if counted is None or stated is None:
                return PageEnd(rows, following, ids)
        assert counted is not None and stated is not None  # a count of pages is only there where they are counted
        number = counted.number(cursor)
        if number - counted.first + 1 >= stated:
            return PageEnd(rows, None, ids)
        if not rows:
            raise UnreadableBody(f"there are {stated} pages, and page {number - counted.first + 1} has no line")
        return PageEnd(rows, str(counted.following(number, rows)), ids)

    # Once they are there.

    def land(
        self, store: StatementStore, partition: PullPartition, pages: Sequence[TransferredPage], landed_at: str
    ) -> Landing:
        """Land the lines of all pages. Raises ``UnreadableBody`` with the file and the line, and ``MovingPages``."""
        source = hashlib.sha256()
        claims: dict[str, int] = {}
        with store.stage(partition.key) as staged:
            checks = _LineChecks(partition, self._statement)
            for page in pages:
                source.update(bytes.fromhex(page.part.sha256))
                if page.part.nothing:
                    continue
                try:
                    stated = self._land_page(staged, partition, page, checks)
                except UnreadableBody as why:
                    raise UnreadableBody(f"{page.name}: {why}") from None
                if page.last:
                    _add_claims(claims, stated)
            check_claims(claims, staged.sums().sums())
            return staged.land(source_sha256=source.hexdigest(), landed_at=landed_at)

    def _land_page(
        self, staged: StagedPartition, partition: PullPartition, page: TransferredPage, checks: _LineChecks
    ) -> dict[str, int]:
        """Stage the lines of one page; return the totals that it states."""
        if self._page_reader is not None:
            with page.part.path.open("rb") as file:
                self._check_digest(file, page.part)
            answer = self._answer(page.part)
            staged.add(checks.of_page(page, self._page_reader.lines(answer, partition.account.words)))
            return self._page_reader.totals(answer) if page.last else {}
        with page.part.path.open("rb") as file:
            self._check_digest(file, page.part)
            if self._hook is not None:
                staged.add(checks.of_page(page, [self._line(row, partition) for row in self._hooked(file, page.part)]))
                return {}
            with opened_rows(file, self._statement, packing=self._packing(page.part)) as table:
                batch: list[StatementLine] = []
                for row in table:
                    batch.append(checks.checked(self._line(row, partition), row.line, page.window))
                    if len(batch) >= _BATCH:
                        staged.add(batch)
                        batch.clear()
                staged.add(batch)
                return self._claims.in_table(table.around()) if self._statement.totals and page.last else {}

    def _line(self, row: FileRow, partition: PullPartition) -> StatementLine:
        return self._reader.read(row.cells, row.line, row.raw, partition.account.words)

    def _hooked(self, file: BinaryIO, part: FetchedPart) -> Iterator[FileRow]:
        assert self._hook is not None
        packing = self._packing(part)
        with unpacked(file, packing, entry=self._statement.zip_entry) as content:
            text = content.read(_MOST_HOOK_BYTES + 1)
        if len(text) > _MOST_HOOK_BYTES:
            raise UnreadableBody(f"the file is longer than {_MOST_HOOK_BYTES >> 20} MiB")
        for number, cells in enumerate(self._hook.read(text), 1):
            yield FileRow(number, cells, raw_of(dict(cells)))

    def _answer(self, part: FetchedPart) -> HttpResponse:
        """Return the answer of a page as it came, unpacked. Raises ``UnreadableBody`` for a damaged packing."""
        headers = {name: value for name, value in part.headers.items() if name != "content-encoding"}
        if not self._statement.compressed:
            answer = HttpResponse(200, dict(part.headers), part.path.read_bytes())
            return answer._replace(body=body_bytes(answer), headers=headers)
        with part.path.open("rb") as file, unpacked(file, self._packing(part), entry=self._statement.zip_entry) as it:
            body = it.read(MOST_PAGE_BYTES + 1)
        if len(body) > MOST_PAGE_BYTES:
            raise UnreadableBody(f"the page is longer than {MOST_PAGE_BYTES >> 20} MiB")
        return HttpResponse(200, headers, body)

    def _packing(self, part: FetchedPart) -> str:
        """Return how a file is packed: as the contract says or, if it says nothing, as the answer does."""
        coding = part.headers.get("content-encoding", "")
        return self._statement.compressed or ("gzip" if coding in ("gzip", "x-gzip") else "")

    def _check_digest(self, file: BinaryIO, part: FetchedPart) -> None:
        form = self._statement.checksum
        if form is None:
            return
        digest = hashlib.new(form.algorithm)
        with unpacked(file, self._packing(part) if form.of == "content" else "", entry=self._statement.zip_entry) as it:
            while chunk := it.read(1 << 20):
                digest.update(chunk)
        file.seek(0)
        if digest.hexdigest() != part.checksum:
            raise UnreadableBody(
                f"its {form.algorithm} is {digest.hexdigest()}, and the provider says that it is {part.checksum}"
            )


class _LineChecks:
    """Checks each line against the others of its partition."""

    def __init__(self, partition: PullPartition, statement: StatementSpec) -> None:
        self._statement = statement
        bounded = statement.bounded and "at" in statement.columns
        whole = [partition.period] * len(partition.windows)
        self._bounds = (list(partition.windows) if statement.window == "half_open" else whole) if bounded else None
        self._before_ids: set[str] = set()
        """Of earlier pages."""
        self._ids: set[str] = set()
        """Of this page, or of the file."""
        self._before: tuple[StatementLine, ...] = ()

    def of_page(self, page: TransferredPage, lines: Sequence[StatementLine]) -> list[StatementLine]:
        """Return the lines of a page that are new, checked: rows that ended the page before, as a cursor that includes
        its row repeats them, are not.
        """
        before = self._before if page.page and not self._statement.counted else ()
        self._before = tuple(lines)
        self._before_ids |= self._ids
        self._ids = set()
        skipped = rows_repeated(before, self._before)  # type: ignore[arg-type]
        return [self.checked(line, n, page.window) for n, line in enumerate(lines[skipped:], skipped + 1)]

    def checked(self, line: StatementLine, at: int, window: int) -> StatementLine:
        """Return the line. Raises ``UnreadableLine`` for one out of its period, or whose identifier another has."""
        if self._bounds is not None and line.booked_us is not None:
            period = self._bounds[window]
            if not period.from_s * 1_000_000 <= line.booked_us < period.to_s * 1_000_000:
                when = _instant(line.booked_us // 1_000_000)
                raise UnreadableLine(at, f"it was booked at {when}, outside of the period asked for, {_told(period)}")
        if line.line_id is not None:
            if line.line_id in self._before_ids and self._statement.counted is not None:
                raise MovingPages(f"the line {line.line_id} stood on two pages: lines move while they are read")
            if line.line_id in self._ids or line.line_id in self._before_ids:
                raise UnreadableLine(at, "two lines have one identifier", line.line_id)
            self._ids.add(line.line_id)
        return line


def _add_claims(claims: dict[str, int], stated: dict[str, int]) -> None:
    """Add what a window states to what those before stated: balances go on, all else adds up."""
    for name, value in stated.items():
        if name == "opening":
            claims.setdefault(name, value)
        elif name == "closing":
            claims[name] = value
        else:
            claims[name] = claims.get(name, 0) + value


def _instant(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _told(period: Period) -> str:
    return f"from {_instant(period.from_s)} until before {_instant(period.to_s)}"
