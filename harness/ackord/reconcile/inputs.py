"""Brings both sides of a reconciliation into the form that the expressions take, and says what of a store is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contract.base.extras import library
from ..errors import FileError, UsageError
from ..statements.catalogue import CATALOGUE, Catalogue
from ..statements.store_views import open_store
from .columns import TableForm, UnknownColumn, local_day, text_literal
from .database_orders import is_database, write_query
from .expressions import LINE_TYPES, ORDER_TYPES, Range
from .journal_orders import journals_of, write_journal_orders
from .tables import SourceTable, as_lines, as_orders, source_of, unreadable

__all__ = ["ReconcileOptions", "Sides", "late_partitions", "sides_of"]

_MOST_LATE = 1000
_TABLES = (".csv", ".tsv", ".txt", ".parquet")


@dataclass(frozen=True, slots=True)
class ReconcileOptions:
    """What is compared, and how."""

    orders: str
    """A journal, a run's folder, a CSV or Parquet file, or a database's address."""
    statement: Path
    """A store of ``ackord statement pull``, or a CSV or Parquet file."""
    days: Range = field(default_factory=Range)
    around: int = 3
    """How many days before and after the range are looked at, so that a line on a wrong day is found there."""
    accounts: tuple[str, ...] = ()
    order_form: TableForm = field(default_factory=TableForm)
    statement_form: TableForm = field(default_factory=TableForm)
    query: str = ""
    """For a database."""
    provider: str = ""
    """Whose statements the store must hold; empty: anybody's."""
    parts: tuple[str, ...] = ()
    """The partitions of an account's day; empty: those that the store has."""
    engine: str = "duckdb"
    memory_mib: int = 3072
    """What DuckDB may hold; what is beyond goes to the disk."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, as Parquet in the folder of work or as queries of DuckDB."""

    duck: Any
    orders: str
    """A query that gives ``ORDER_TYPES``."""
    lines: str
    """A query that gives ``LINE_TYPES``."""
    by_account: bool
    """Whether order numbers belong to accounts: both sides have accounts."""
    order_source: SourceTable | None
    """Where orders were read from a table."""
    is_store: bool


def sides_of(options: ReconcileOptions, work: Path) -> Sides:
    """Read both sides. Raises ``FileError`` or ``UsageError`` for what cannot be read, ``EnvironmentFailed`` for a
    database that cannot be reached.
    """
    library("ibis")
    is_store = options.statement.is_dir()
    if is_store:
        _check_provider(options)
        duck = open_store(options.statement)
    else:
        duck = library("duckdb").connect(":memory:")
    for setting in (
        f"temp_directory = {text_literal(work)}", f"memory_limit = '{options.memory_mib}MiB'",
        "preserve_insertion_order = false", "TimeZone = 'UTC'", "enable_progress_bar = false",
    ):  # fmt: skip
        duck.execute(f"SET {setting}")
    if is_store:
        lines, line_accounts = _store_lines(options), True
    else:
        table = source_of(duck, options.statement)
        _refuse_itself(options, table)
        lines = _read_once(duck, table, as_lines(duck, table, options.statement_form), work / "lines.parquet")
        line_accounts = options.statement_form.column_of("account", table.types) is not None
    orders, order_accounts, source = _orders(duck, options, work)
    if options.days.first is not None and source is not None and not is_store:
        _demand_days(options, source, table)
    by_account = line_accounts and order_accounts
    if options.accounts and not by_account:
        raise UsageError(
            "--accounts: one side has no accounts\n  expected: a column of accounts in orders and statement"
        )
    of = f"account IN ({', '.join(map(text_literal, options.accounts))})" if options.accounts else "true"
    account = "account" if by_account else "'' AS account"
    orders = _typed(orders, ORDER_TYPES, account, of)
    lines = _typed(lines, LINE_TYPES, "account", f"{of} AND {_around(options)}")
    return Sides(duck, orders, lines, by_account, source, is_store)


def _typed(query: str, types: dict[str, str], account: str, where: str) -> str:
    columns = ", ".join(account if name == "account" else name for name in types)
    return f"SELECT {columns} FROM ({query}) WHERE {where}"


def _around(options: ReconcileOptions) -> str:
    first, last = options.days
    if first is None or last is None:
        return "true"
    return (
        f"(day IS NULL OR day BETWEEN DATE '{first}' - {options.around} AND DATE '{last}' + {options.around})"
    )  # fmt: skip


def _refuse_itself(options: ReconcileOptions, table: SourceTable) -> None:
    """Raise ``UsageError`` where one column of one file is both sides' amount: that agrees whatever stands in it."""
    try:
        if is_database(options.orders) or not Path(options.orders).samefile(options.statement):
            return
        amounts = [form.column_of("amount", table.types) for form in (options.order_form, options.statement_form)]
    except (OSError, UnknownColumn):
        return  # that is told where the sides are read
    if amounts[0] == amounts[1]:
        raise UsageError(
            f"{options.statement}: orders and statement are the same file, which always agrees with itself\n"
            "  expected: the merchant's orders, and the provider's statement\n"
            "  mend: give another file, or the columns of each side: --order-columns and --statement-columns"
        )


def _demand_days(options: ReconcileOptions, orders: SourceTable, lines: SourceTable) -> None:
    """Raise ``UsageError`` for a range of days where nothing says of which day anything is: all would be compared."""
    order_days = [options.order_form.column_of(name, orders.types) for name in ("created", "day")]
    line_days = [options.statement_form.column_of(name, lines.types) for name in ("day", "booked")]
    if not any((*order_days, *line_days, "booked_at" in lines.types)):
        raise UsageError(
            "--date: neither the orders nor the statement says of which day a row is\n"
            "  expected: a column created or day among the orders, or a column day or booked among the lines\n"
            "  mend: name it by --order-columns created=COLUMN or --statement-columns day=COLUMN, or leave --date out"
        )


def _check_provider(options: ReconcileOptions) -> None:
    catalogue = Catalogue(options.statement)
    try:
        found = catalogue.provider
    finally:
        catalogue.close()
    if options.provider and found != options.provider:
        raise FileError(
            options.statement / CATALOGUE, None, f"the store holds statements of {found or 'nobody'}",
            expected=f"statements of {options.provider}, as --contract says",
        )  # fmt: skip


def _store_lines(options: ReconcileOptions) -> str:
    booked = local_day("booked_at", options.statement_form.zone)
    return (
        "SELECT account, order_no, kind, amount_minor, currency, fee_minor, day, "
        f"{booked} AS booked_day FROM current"
    )  # fmt: skip


def _orders(duck: Any, options: ReconcileOptions, work: Path) -> tuple[str, bool, SourceTable | None]:
    """Return the query of the orders, whether they have accounts, and their table if they were read from one."""
    form = options.order_form
    if is_database(options.orders):
        path = work / "queried.parquet"
        write_query(options.orders, options.query, path)
        source = source_of(duck, path)._replace(shown=Path("--query"))
    elif options.query:
        raise UsageError("--query is for a database\n  expected: ORDERS such as postgresql://user@host/name")
    elif (path := Path(options.orders)).suffix.lower() not in _TABLES:
        found = work / "journals.parquet"
        try:
            journals = journals_of(path)
            write_journal_orders(journals, found)
        except FileError as error:
            raise error if path.exists() else _nothing_there(path) from None
        return _with_currency(duck, path, found, form.currency), True, None
    else:
        source = source_of(duck, path)
    query = _read_once(duck, source, as_orders(duck, source, form), work / "orders.parquet")
    return query, form.column_of("account", source.types) is not None, source


def _read_once(duck: Any, source: SourceTable, query: str, kept: Path) -> str:
    """Return a query of the same rows, which reads text no second time."""
    if not source.delimiter:
        return query
    try:
        duck.execute(f"COPY ({query}) TO {text_literal(kept)} (FORMAT parquet, COMPRESSION lz4_raw)")
    except library("duckdb").Error as error:
        raise unreadable(source, error) from None
    return f"SELECT * FROM read_parquet({text_literal(kept)})"


def _with_currency(duck: Any, path: Path, found: Path, currency: str) -> str:
    """Return the query of journals' orders; ``currency`` is that of those whose request names none."""
    relation = f"read_parquet({text_literal(found)})"
    if not currency and (
        row := duck.execute(f"SELECT order_no FROM {relation} WHERE currency = '' LIMIT 1").fetchone()
    ):
        raise FileError(
            path, None, f"the request of the order {row[0]!r} names no currency", expected="a currency for each order",
            mend="say --order-currency EUR",
        )  # fmt: skip
    named = f"CASE currency WHEN '' THEN {text_literal(currency)} ELSE currency END"
    return f"SELECT * REPLACE ({named} AS currency) FROM {relation}"


def _nothing_there(path: Path) -> FileError:
    return FileError(
        path, None, "there is no such file", expected="a journal.jsonl, a folder of a run, a CSV or Parquet file, "
        "or an address such as postgresql://user@host/name with --query",
    )  # fmt: skip


def late_partitions(sides: Sides, options: ReconcileOptions) -> tuple[int, Sequence[str]]:
    """Return how many partitions of the store have not landed, and the first of them as text.

    Expected are, of each day of the range (or from the store's first to its last), the accounts of ``--accounts`` (or
    those of the store and of the orders), each with its parts.
    """
    if not sides.is_store:
        return 0, ()
    duck, (first, last) = sides.duck, options.days
    if first is None or last is None:
        first, last = duck.execute("SELECT min(day), max(day) FROM partitions").fetchone()
        if first is None or last is None:
            return 1, ("the store holds no partition at all",)
    if options.accounts:
        accounts = f"SELECT unnest([{', '.join(map(text_literal, options.accounts))}]) AS account"
    else:
        accounts = "SELECT account FROM partitions"
        if sides.by_account:
            accounts += f" UNION SELECT account FROM ({sides.orders})"
    parts = "SELECT partition FROM partitions"
    if options.parts:
        parts = f"SELECT unnest([{', '.join(map(text_literal, options.parts))}]) AS partition"
    expected = (
        f"SELECT account, day, partition FROM (SELECT DISTINCT account FROM ({accounts})), (SELECT DISTINCT partition "
        f"FROM ({parts})), (SELECT unnest(generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 DAY))::DATE AS day)"
    )
    late = f"({expected}) EXCEPT (SELECT account, day, partition FROM partitions)"
    count = duck.execute(f"SELECT count(*) FROM ({late})").fetchone()[0]
    shown = duck.execute(f"SELECT * FROM ({late}) ORDER BY ALL LIMIT {_MOST_LATE}").fetchall()
    return count, ["/".join(map(str, row)) for row in shown]
