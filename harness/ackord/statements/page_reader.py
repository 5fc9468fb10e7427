"""Reads one page of a statement in JSON or XML: its lines, the next page's cursor, and what it says of itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..contract.base.http_messages import HttpResponse
from ..contract.codec.ledger_rows import RowPages
from ..contract.spec.model import Contract
from ..contract.spec.statement import StatementSpec
from .claims import Claims
from .line_reader import LineReader
from .lines import StatementLine
from .raw_rows import raw_of

__all__ = ["PageReader", "ReadPage"]


class ReadPage(NamedTuple):
    """One page or file as it was read."""

    lines: list[StatementLine]
    following: str | None
    """The cursor of the next page; ``None``: this was the last."""
    totals: dict[str, int]
    """What it says that all lines add up to, if it is the last page; empty otherwise."""


class PageReader:
    """Reads pages of one contract's statements, whose ``rows`` are a list in a document."""

    def __init__(self, statement: StatementSpec, contract: Contract, reader: LineReader, claims: Claims) -> None:
        """Raises ``ContractError``."""
        assert statement.rows is not None  # files are read elsewhere
        self._statement, self._reader, self._claims = statement, reader, claims
        self.pages = RowPages(statement.rows, statement.next, statement.next_row, statement.counted, contract.charset)

    def lines(self, answer: HttpResponse, accounts: Collection[str] = ()) -> list[StatementLine]:
        """Return the lines of an answer. Raises ``UnreadableBody``. ``accounts``: as for ``LineReader.read``."""
        rows, _ = self.pages.read(answer, "0" if self._statement.counted else None)
        return [self._reader.read(row, n, raw_of(row), accounts) for n, row in enumerate(rows, 1)]

    def totals(self, answer: HttpResponse) -> dict[str, int]:
        """Return the totals that an answer states. Raises ``UnreadableBody``."""
        if not self._statement.totals:
            return {}
        return self._claims.in_document(self.pages.form.read(answer), answer.headers)

    def read(self, answer: HttpResponse, cursor: str | None, accounts: Collection[str] = ()) -> ReadPage:
        """Return the page that was asked for with ``cursor``. Raises ``UnreadableBody``.

        Pages that say how many there are, are not known to be the last: ``PartitionLander.end_of`` knows.
        """
        _, following = self.pages.read(answer, cursor)
        return ReadPage(self.lines(answer, accounts), following, {} if following is not None else self.totals(answer))
