"""Define ledgers that are no API: the rows of a SQL query, and what a command prints.

Both run something on the user's side, so a run carries them out only where hooks are allowed.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ..base.field_types import Count, Duration, StrictModel, field_problem
from .ledger import LedgerExtract, LedgerSpec, MovementKinds, Shared, can_show_returns, check_shared, refund_kind_of
from .places import check_row_places
from .statement import CsvFormat

__all__ = ["BY_NAME", "AnyLedgerSpec", "CommandLedgerSpec", "SqlLedgerSpec", "SqlQuery", "TableLedgerSpec"]

BY_NAME = tuple(LedgerExtract.model_fields)
"""Columns that are read by their names, where a table has no ``extract``."""

_ORDER_VARIABLES = ("order_no", "order_no.uuid", "provider_id")
_QUOTED = re.compile(r"'[^']*'")


class SqlQuery(StrictModel):
    """One query of a PostgreSQL database, in a transaction that can only read."""

    dsn: Annotated[str, Field(min_length=1)] = Field(
        description="Where the database is: `${env:NAME}`, which holds `postgresql://user:password@host:port/database`."
    )
    query: Annotated[str, Field(min_length=1)] = Field(
        description="One statement that returns the movements. With `${order_no}`, `${order_no.uuid}` or "
        "`${provider_id}` in it, which become parameters of type text and stand without quotes, it is asked for each "
        "order of a run, one after the other."
    )
    timeout: Duration = Field(default=Duration("10s"), description="How long it may take, the connection included.")
    rows: Count = Field(default=100_000, description="Most rows; a query that returns more is no ledger.")

    @model_validator(mode="after")
    def _parameters_stand_alone(self) -> Self:
        if any("${" in text for text in _QUOTED.findall(self.query)):
            raise field_problem(
                "query", "a variable stands between quotes, and is a parameter", expected="order_no = ${order_no}"
            )
        return self


class TableLedgerSpec(StrictModel):
    """What the ledgers that are tables have in common."""

    account: str | None = Field(
        default=None,
        description="Whose movements these are, where no column says it. Needed in a contract with several accounts.",
    )
    extract: LedgerExtract | None = Field(
        default=None,
        description="Where the facts stand in a row: `$.column`. Left out: each column is called as the fact, and "
        "movement_id, one amount and, unless it is read by order, order_no or provider_id must be there.",
    )
    kinds: MovementKinds = Field(
        default={"payout": "payout", "return": "return", "refund": "refund"},
        description="The provider's kinds of movement, as in `ledger`. A kind that is not here makes the table "
        "unreadable.",
    )
    shared: Shared = True

    @property
    def texts(self) -> list[str]:
        """What may hold variables."""
        raise NotImplementedError

    def speaks_of(self, variable: str) -> bool:
        """Whether its texts hold a variable."""
        return any(f"${{{variable}}}" in text for text in self.texts)

    @property
    def by_order(self) -> bool:
        """Whether one order's movements are asked for at a time."""
        return any(map(self.speaks_of, _ORDER_VARIABLES))

    @property
    def shows_returns(self) -> bool:
        """Whether it has a kind for money that came back, as far as the contract says."""
        return self.extract is not None and can_show_returns(self.extract, self.kinds)

    @property
    def refund_kind(self) -> str:
        """The kind of movement by which it shows refunds, as far as the contract says."""
        shows_kinds = self.extract is not None and self.extract.kind is not None
        return refund_kind_of(shows_kinds, self.kinds, self.shows_returns)

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        fields = self.extract
        if fields is not None and fields.order_no is None and fields.provider_id is None and not self.by_order:
            raise field_problem("extract", "a row must say whose it is", expected="order_no or provider_id")
        if fields is not None:
            check_row_places("$", "extract", {name: getattr(fields, name) for name in BY_NAME})
        check_shared(shared=self.shared, by_order=self.by_order)
        return self


class SqlLedgerSpec(TableLedgerSpec):
    """Movements of money as a SQL query returns them. It runs with `--allow-hooks` only."""

    sql: SqlQuery = Field(description="The query, and where it is sent.")

    @property
    def texts(self) -> list[str]:
        return [self.sql.query]


class CommandLedgerSpec(TableLedgerSpec):
    """Movements of money as a command prints them. It runs with `--allow-hooks` only."""

    command: Annotated[list[str], Field(min_length=1)] = Field(
        description="A program and its arguments, run without a shell beside the contract's file; another exit code "
        "than 0 means that the ledger cannot be read. With `${order_no}`, `${order_no.uuid}` or `${provider_id}` in an "
        "argument it is run for each order of a run, one after the other."
    )
    prints: Literal["json_lines", "csv"] = Field(
        description="What it prints: one JSON object a line and movement, or a table."
    )
    csv: CsvFormat = Field(default=CsvFormat(), description="How the table is written, where it prints one.")
    timeout: Duration = Field(default=Duration("30s"), description="How long it may take.")

    @property
    def texts(self) -> list[str]:
        return self.command[1:]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if "csv" in self.model_fields_set and self.prints != "csv":
            raise field_problem("csv", f"it prints {self.prints}", expected="prints: csv beside it")
        if "${" in self.command[0]:
            raise field_problem("command", "the program's name holds a variable", expected="variables in arguments")
        if self.prints == "csv" and not self.csv.head_rows:
            raise field_problem("csv", "the table has no names", expected="head_rows: 1, or more")
        return self


def _source(value: Any) -> str:
    if isinstance(value, dict):
        return next((f"by-{name}" for name in ("sql", "command") if name in value), "by-request")
    if isinstance(value, SqlLedgerSpec):
        return "by-sql"
    return "by-command" if isinstance(value, CommandLedgerSpec) else "by-request"


# The tags stand in the places of errors, from which they are taken out as what is no key of the file.
AnyLedgerSpec = Annotated[
    Annotated[LedgerSpec, Tag("by-request")]
    | Annotated[SqlLedgerSpec, Tag("by-sql")]
    | Annotated[CommandLedgerSpec, Tag("by-command")],
    Discriminator(_source),
]
"""A ledger, by its source: pages of an API, the rows of a query, or a command's output."""
