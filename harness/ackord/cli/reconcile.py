"""Defines ``ackord reconcile``, which compares a merchant's orders with a provider's statement."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import FileError, UsageError

if TYPE_CHECKING:
    from ..reconcile.columns import TableForm
    from ..reconcile.expressions import Range
    from ..reconcile.inputs import ReconcileOptions

__all__ = ["register"]

_EXIT_CODES = (
    "Exit codes: 0 all agree; 1 there are differences; 2 your input is wrong; 3 the statement is not whole, or there "
    "was nothing to compare; 4 the engine or the database cannot be reached; 130 interrupted."
)


class MoneyUnit(StrEnum):
    """The unit of amounts in a table."""

    MINOR = "minor"
    MAJOR = "major"


Orders = Annotated[
    str,
    typer.Argument(help="A journal.jsonl, a run's folder, a CSV or Parquet file, or postgresql://... with --query."),
]
Statement = Annotated[
    Path, typer.Argument(help="A store of `ackord statement pull`, or a CSV or Parquet file of its lines.")
]
Contract = Annotated[
    str, typer.Option(help="The provider's contract: its zone, and the parts that a day's statement has.")
]
Around = Annotated[
    int, typer.Option(help="Days before and after that are searched for lines on a wrong day.", min=0, max=366)
]
OrderColumns = Annotated[
    str,
    typer.Option(
        help="Which columns hold what: order_no=A,amount=B. Fields: order_no, amount, currency, account, status, "
        "created, refunded, fee (expected), day (expected). Default: columns of these names; NAME_minor for money."
    ),
]
OrderStatuses = Annotated[
    str, typer.Option(help="What status words mean: WORD=paid, unpaid, returned or open, with commas between.")
]
StatementColumns = Annotated[
    str, typer.Option(help="As --order-columns: order_no, amount, currency, account, kind, fee, day, booked.")
]
StatementKinds = Annotated[
    str, typer.Option(help="What kinds of lines mean: WORD=payout, return or refund. Others are added up only.")
]


def reconcile(
    orders: Orders,
    statement: Statement,
    contract: Contract = "",
    date: Annotated[str, typer.Option("--date", help="The first day, such as 2026-11-28. Default: all days.")] = "",
    to: Annotated[str, typer.Option("--to", help="The last day. Default: --date.")] = "",
    around: Around = 3,
    accounts: Annotated[str, typer.Option(help="Accounts with commas between, or @FILE. Default: all.")] = "",
    order_columns: OrderColumns = "",
    order_money: Annotated[MoneyUnit, typer.Option(help="The unit of the orders' amounts.")] = MoneyUnit.MINOR,
    order_currency: Annotated[str, typer.Option(help="The currency, where no column says it.")] = "",
    order_statuses: OrderStatuses = "",
    fee: Annotated[str, typer.Option(help="The fee to expect, in minor units: 1.5%, 25 or 1.5%+25.")] = "",
    query: Annotated[str, typer.Option(help="The SQL that gives the orders of a database.")] = "",
    statement_columns: StatementColumns = "",
    statement_money: Annotated[MoneyUnit, typer.Option(help="The unit of the lines' amounts.")] = MoneyUnit.MINOR,
    statement_currency: Annotated[str, typer.Option(help="The currency, where no column says it.")] = "",
    statement_kinds: StatementKinds = "",
    zone: Annotated[str, typer.Option(help="In which zone a day is a day. Default: the contract's, or UTC.")] = "",
    engine: Annotated[str, typer.Option(help="duckdb, or a Spark master: spark://host:7077, local[*].")] = "duckdb",
    memory_mib: Annotated[int, typer.Option(help="What DuckDB may hold in memory.", min=256)] = 3072,
    out: Annotated[Path | None, typer.Option(help="Folder for report.html, and CSV and Parquet of each class.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compare orders with a statement: matched, missing, phantom, duplicated, and whose amount, currency, fee, status
    or day differs. The totals of the classes add up to both sides, to the cent.
    """
    from ..reconcile.columns import ORDER_FIELDS, STATEMENT_FIELDS, FeeRule, TableForm, pairs_of
    from ..reconcile.expressions import KINDS
    from ..reconcile.inputs import ReconcileOptions

    order_form = TableForm(
        pairs_of("--order-columns", order_columns, ORDER_FIELDS), order_money.value, order_currency.upper(),
        pairs_of("--order-statuses", order_statuses, (), ("open", "paid", "unpaid", "returned")),
        FeeRule.parsed(fee) if fee else None,
    )  # fmt: skip
    statement_form = TableForm(
        pairs_of("--statement-columns", statement_columns, STATEMENT_FIELDS), statement_money.value,
        statement_currency.upper(), pairs_of("--statement-kinds", statement_kinds, (), KINDS),
    )  # fmt: skip
    options = ReconcileOptions(
        orders,
        statement,
        _days(date, to),
        around,
        _accounts(accounts),
        query=query,
        engine=engine,
        memory_mib=memory_mib,
    )
    _show(_with_contract(options, order_form, statement_form, contract, zone), out, as_json=as_json)


def _days(first: str, last: str) -> Range:
    from ..reconcile.expressions import Range
    from ..statements.partitions import days_of

    if not first:
        if last:
            raise UsageError("--to: expected --date, too")
        return Range()
    found = days_of(first, last)
    return Range(found[0], found[-1])


def _accounts(text: str) -> tuple[str, ...]:
    words = text.split(",")
    if text.startswith("@"):
        try:
            words = [line for line in Path(text[1:]).read_text().splitlines() if not line.startswith("#")]
        except (OSError, UnicodeDecodeError) as error:
            raise FileError(text[1:], None, f"the accounts cannot be read: {error}") from None
    return tuple(filter(None, (word.strip() for word in words)))


def _with_contract(
    options: ReconcileOptions, orders: TableForm, statement: TableForm, contract: str, zone: str
) -> ReconcileOptions:
    """Return the options with what the contract says: the provider, the parts of a day, and the zone."""
    from ..contract.base.variables import split_format
    from ..contract.loading.loader import PlaceholderEnv, load_contract
    from ..statements.partitions import statement_of

    found: tzinfo = UTC
    if contract:
        loaded = load_contract(contract, env=PlaceholderEnv(os.environ))
        part = statement_of(loaded)
        found = part.period_form().zone
        accounts = loaded.contract.accounts
        names = {account.id: name for name, account in accounts.items() if account.id}
        options = replace(
            options, provider=loaded.contract.provider, parts=tuple(part.parts or ()),
            accounts=tuple(names.get(word, word) for word in options.accounts),
        )  # fmt: skip
    if zone and zone != "UTC":
        try:
            found = split_format(f"|{zone}")[1]
        except ValueError as error:
            raise UsageError(f"--zone {zone}: {error}") from None
    return replace(options, order_form=replace(orders, zone=found), statement_form=replace(statement, zone=found))


def _show(options: ReconcileOptions, out: Path | None, *, as_json: bool) -> None:
    """Compare, write and print. Ends the command with its exit code."""
    from ..reconcile.exports import Exported, document_of, write_exports
    from ..reconcile.page import page_of
    from ..reconcile.reconciliation import reconciled
    from ..reconcile.summary import summary_text
    from ..report.files import write_file

    exported, where = Exported((), 0), ""
    with reconciled(options) as (result, duck, classified):
        if out is not None:
            exported = write_exports(result, duck, classified, out)
            orders = "the database" if options.query else options.orders
            page = page_of(result, exported, orders=orders, statement=str(options.statement))
            write_file(out / "report.html", page, masked=True)
            where = str(out / "report.html")
    if as_json:
        print(json.dumps({**document_of(result), "escaped_cells": exported.escaped_cells}, indent=2))
    else:
        print(summary_text(result, where=where, escaped_cells=exported.escaped_cells))
    raise typer.Exit(result.exit_code)


def register(app: typer.Typer) -> None:
    app.command(epilog=_EXIT_CODES)(reconcile)
