"""Reads tables of orders and of statement lines (CSV, Parquet) into DuckDB, and says where a row is wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.base.extras import library
from ..errors import FileError
from .classes import ORDER_STATES, OrderState
from .columns import ORDER_FIELDS, STATEMENT_FIELDS, TableForm, UnknownColumn, places_of, quoted, text_literal

__all__ = ["SourceTable", "as_lines", "as_orders", "order_numbers_given_twice", "source_of", "unreadable"]

_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
_TABLE = "a CSV or Parquet file"
_LONGEST_HEADER = 1 << 20
_WORDS = {
    "order_no": "the order number", "amount": "the amount", "currency": "the currency", "status": "the status",
    "created": "the time of the order", "refunded": "the refunded amount", "fee": "the fee", "day": "the day",
    "booked": "the time of booking", "kind": "the kind", "account": "the account",
}  # fmt: skip


class SourceTable(NamedTuple):
    """A file as DuckDB reads it."""

    path: Path
    relation: str
    """SQL: what stands behind ``FROM``."""
    types: dict[str, str]
    """Column -> DuckDB's type."""
    delimiter: str
    """Empty for Parquet."""
    shown: Path | None = None
    """What messages call it, if it is not the file."""

    @property
    def name(self) -> Path:
        return self.shown or self.path

    def lines_of(self, cells: dict[str, str], most: int) -> list[int]:
        """Return the first lines on which rows with these cells (column -> text) begin; none for Parquet."""
        if not self.delimiter:
            return []
        found: list[int] = []
        with _cells_of_any_length(), self.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.reader(file, delimiter=self.delimiter)
            places = {name: n for n, name in enumerate(next(rows, []))}
            wanted = [(places[name], text.strip()) for name, text in cells.items() if name in places]
            before = rows.line_num
            for row in rows:
                if row and all(n < len(row) and row[n].strip() == text for n, text in wanted):
                    found.append(before + 1)
                    if len(found) == most:
                        break
                before = rows.line_num
        return found


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Lift the limit of the module csv, which is the whole process's: the reader of statements needs it."""
    before = csv.field_size_limit(1 << 30)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def unreadable(source: SourceTable, error: Exception) -> FileError:
    """Return the error for a table that DuckDB cannot read, with the first line that has too many or too few cells."""
    if source.delimiter:
        with _cells_of_any_length(), source.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.reader(file, delimiter=source.delimiter)
            cells, before = len(next(rows, [])), rows.line_num
            for row in rows:
                if row and len(row) != cells:
                    return FileError(
                        source.name, before + 1, f"the row has {len(row)} cells: {', '.join(row)[:200]}",
                        expected=f"{cells}, as the header has; a cell with the delimiter in it stands in quotes",
                    )  # fmt: skip
                before = rows.line_num
    return FileError(source.name, None, f"it cannot be read: {first_line(error)}")


def source_of(duck: Any, path: Path) -> SourceTable:
    """Open a CSV file (UTF-8, with a header; its delimiter is found) or a Parquet file. Raises ``FileError``."""
    endings = f"a name that ends in {', '.join(_SUFFIXES)}"
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise FileError(path, None, "there is no such file", expected=_TABLE, mend="check the path") from None
    except OSError as error:
        raise FileError(path, None, f"it cannot be read: {error.strerror or error}", expected=_TABLE) from None
    if path.suffix.lower() not in _SUFFIXES:
        raise FileError(path, None, "it is of no kind that is read", expected=endings)
    if empty:
        raise FileError(path, None, "the file is empty", expected="a header, even where no row follows")
    name, delimiter = text_literal(path), ""
    try:
        if path.suffix.lower() == ".parquet":
            relation = f"read_parquet({name}, hive_partitioning = false)"
        else:
            names, delimiter = _header(path)
            columns = ", ".join(f"{text_literal(column)}: 'VARCHAR'" for column in names)
            # Nothing is left to DuckDB's guesses: it would skip lines until a table begins that looks right.
            relation = (
                f"read_csv({name}, auto_detect = false, columns = {{{columns}}}, header = true, skip = 0, "
                f"delim = {text_literal(delimiter)}, quote = '\"', escape = '\"', hive_partitioning = false)"
            )
        types = {row[0]: row[1] for row in duck.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    except library("duckdb").Error as error:
        raise FileError(path, None, f"it cannot be read: {first_line(error)}") from None
    return SourceTable(path, relation, types, delimiter)


def _header(path: Path) -> tuple[list[str], str]:
    """Return the columns and the delimiter: the one of ``,``, ``;``, tab and ``|`` that the header has most of."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.readline(_LONGEST_HEADER)
    except UnicodeDecodeError as error:
        raise FileError(path, 1, f"it is not UTF-8: {error.reason}", mend="write it as UTF-8") from None
    delimiter = max(",;\t|", key=text.count)
    names = next(csv.reader([text], delimiter=delimiter), [])
    twice = next((name for name in names if names.count(name) > 1 or not name), None)
    if twice is not None or not names:
        raise FileError(
            path, 1, f"a column is called {twice or ''!r} twice, or has no name", expected="names, each once"
        )
    return names, delimiter


def first_line(error: Exception) -> str:
    """Return what an error of DuckDB says first."""
    return str(error).strip().partition("\n")[0]


def as_orders(duck: Any, source: SourceTable, form: TableForm) -> str:
    """Return the query that gives ``ORDER_TYPES``. Raises ``FileError`` for a row or a column that is wrong."""
    at = _columns(source, form, ORDER_FIELDS, "--order-columns")
    currency, places = _currencies(duck, source, form, at["currency"], "--order-currency")

    def money(name: str, missing: str) -> str:
        column = at[name]
        return missing if column is None else form.money_sql(column, source.types[column], currency, places)

    amount = money("amount", "NULL::BIGINT")
    rule = "NULL::BIGINT" if form.fee is None else form.fee.sql(amount)
    paid = f"{ORDER_STATES.index(OrderState.PAID)}::TINYINT"
    return _checked(
        duck, source, at,
        {
            "account": _word(at["account"]), "order_no": _word(at["order_no"]),
            "state": paid if at["status"] is None else form.state_sql(at["status"]), "amount_minor": amount,
            "currency": currency, "refunded_minor": _or_empty(at["refunded"], money("refunded", "0::BIGINT"), "0"),
            "fee_minor": _or_empty(at["fee"], money("fee", rule), "NULL"),
            "created_day": _day(form, source, at["created"]), "day": _day(form, source, at["day"]),
        },
        {"order_no": "order_no", "amount_minor": "amount", "currency": "currency", "state": "status",
         "refunded_minor": "refunded", "fee_minor": "fee", "created_day": "created", "day": "day"},
    )  # fmt: skip


def as_lines(duck: Any, source: SourceTable, form: TableForm) -> str:
    """Return the query that gives ``LINE_TYPES``. Raises ``FileError`` for a row or a column that is wrong."""
    at = _columns(source, form, STATEMENT_FIELDS, "--statement-columns")
    if at["booked"] is None and "booked_at" in source.types:
        at["booked"] = "booked_at"
    currency, places = _currencies(duck, source, form, at["currency"], "--statement-currency")

    def money(name: str) -> str:
        column = at[name]
        return "NULL::BIGINT" if column is None else form.money_sql(column, source.types[column], currency, places)

    return _checked(
        duck, source, at,
        {
            "account": _word(at["account"]), "order_no": _word(at["order_no"]),
            "kind": "'payout'" if at["kind"] is None else form.kind_sql(at["kind"]), "amount_minor": money("amount"),
            "currency": currency, "fee_minor": _or_empty(at["fee"], money("fee"), "NULL"),
            "day": _day(form, source, at["day"]), "booked_day": _day(form, source, at["booked"]),
        },
        {"amount_minor": "amount", "currency": "currency", "fee_minor": "fee", "day": "day", "booked_day": "booked"},
    )  # fmt: skip


def _columns(source: SourceTable, form: TableForm, names: Sequence[str], option: str) -> dict[str, str | None]:
    try:
        at = {name: form.column_of(name, source.types) for name in names}
    except UnknownColumn as error:
        raise FileError(
            source.name, 1 if source.delimiter else None, error.problem, expected=error.expected,
            mend=f"say it with {option}",
        ) from None  # fmt: skip
    for name in ("order_no", "amount"):
        if at[name] is None:
            raise FileError(
                source.name, 1 if source.delimiter else None, f"no column holds {_WORDS[name]}",
                expected=f"a column for {name} among {', '.join(source.types)}",
                mend=f"say it with {option} {name}=COLUMN",
            )  # fmt: skip
    return at


def _currencies(
    duck: Any, source: SourceTable, form: TableForm, column: str | None, option: str
) -> tuple[str, dict[str, int]]:
    """Return the SQL of a row's currency, null where it is none, and the decimal places of those that are there."""
    if column is None and not form.currency:
        raise FileError(
            source.name, None, "no column holds the currency", expected=f"one among {', '.join(source.types)}",
            mend=f"name it, or say {option} EUR",
        )  # fmt: skip
    sql = form.currency_sql(column)
    if column is None:
        places = places_of([form.currency])
    else:
        try:
            there = duck.execute(f"SELECT DISTINCT {sql} FROM {source.relation}").fetchall()
        except library("duckdb").Error as error:
            raise unreadable(source, error) from None
        places = places_of([row[0] for row in there])
    known = ", ".join(map(text_literal, places)) or "NULL"
    return f"CASE WHEN {sql} IN ({known}) THEN {sql} END", places


def _word(column: str | None) -> str:
    return "''" if column is None else f"coalesce(trim(CAST({quoted(column)} AS VARCHAR)), '')"


def _day(form: TableForm, source: SourceTable, column: str | None) -> str:
    return "NULL::DATE" if column is None else form.day_sql(column, source.types[column])


def _or_empty(column: str | None, sql: str, empty: str) -> str:
    """Return ``sql``, or ``empty`` where the cell has nothing."""
    return sql if column is None else f"CASE WHEN {_word(column)} = '' THEN {empty}::BIGINT ELSE {sql} END"


def _checked(
    duck: Any, source: SourceTable, at: dict[str, str | None], columns: dict[str, str], needed: dict[str, str]
) -> str:
    """Return the query of these columns. ``needed``: column -> its field, which must be readable where it is given."""
    wrong = []
    for column, name in needed.items():
        cell = at[name]
        if column == "order_no":
            wrong.append((name, f"{columns[column]} = ''"))
        elif cell is not None or name == "currency":
            given = "" if name in ("amount", "currency", "status") else f"{_word(cell)} <> '' AND "
            wrong.append((name, f"{given}({columns[column]}) IS NULL"))
    first = "CASE " + " ".join(f"WHEN {test} THEN {text_literal(name)}" for name, test in wrong) + " END"
    cells = {name: column for name, column in at.items() if column is not None}
    as_written = {
        name: quoted(cells[name]) for name in ("account", "order_no", "kind", "currency")
        if name in columns and name in cells and source.types[cells[name]] == "VARCHAR" and not source.delimiter
    }  # fmt: skip
    tests = [f"bool_or(({first}) IS NOT NULL)"]
    tests += [f"bool_and({cell} IS NOT DISTINCT FROM {columns[name]})" for name, cell in as_written.items()]
    try:
        bad, *same = duck.execute(f"SELECT {', '.join(tests)} FROM {source.relation}").fetchone()
        if bad:
            raise _wrong_row(duck, source, cells, first)
    except library("duckdb").Error as error:
        raise unreadable(source, error) from None
    # Texts that need no change are taken as they stand, so that an engine can skip what it need not read.
    columns = {**columns, **{name: as_written[name] for name, is_same in zip(as_written, same, strict=True) if is_same}}
    chosen = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    return f"SELECT {chosen} FROM {source.relation}"


def _wrong_row(duck: Any, source: SourceTable, cells: dict[str, str], first: str) -> FileError:
    """Return the error for the first row of which ``first`` names a field. ``cells``: field -> column."""
    texts = ", ".join(f"CAST({quoted(column)} AS VARCHAR)" for column in cells.values())
    bad = duck.execute(
        f"SELECT wrong, * EXCLUDE (wrong) FROM (SELECT {first} AS wrong, {texts} FROM {source.relation}) "
        "WHERE wrong IS NOT NULL LIMIT 1"
    ).fetchone()
    name, found = bad[0], dict(zip(cells.values(), (text or "" for text in bad[1:]), strict=True))
    line = next(iter(source.lines_of(found, 1)), None)
    value = found.get(cells.get(name, ""), "")
    return FileError(
        source.name, line, f"{_WORDS[name]} is {value!r}, in the row {', '.join(found.values())}",
        expected=_EXPECTED[name], mend=_MEND.get(name, ""),
    )  # fmt: skip


_MINOR = (
    "not negative: a whole number of minor units, or with money in major units no more places than the currency has"
)
_DATE = "a day such as 2026-11-28, or a time such as 2026-11-28T10:00:00Z"
_EXPECTED = {
    "order_no": "the number of an order", "amount": _MINOR, "refunded": _MINOR, "fee": _MINOR, "created": _DATE,
    "day": _DATE, "booked": _DATE, "currency": "a code of ISO 4217, such as EUR",
    "status": f"one of {', '.join(ORDER_STATES)}, or a payment state such as SUCCEEDED",
}  # fmt: skip
_MEND = {
    "amount": "--order-money or --statement-money says the unit: minor or major",
    "status": "say what the word means: --order-statuses WORD=paid",
}


def order_numbers_given_twice(duck: Any, source: SourceTable, form: TableForm, account: str, number: str) -> FileError:
    """Return the error for an order number that stands twice, with both lines."""
    at = _columns(source, form, ORDER_FIELDS, "--order-columns")
    cells = {str(at["order_no"]): number}
    if at["account"] is not None and account:
        cells[at["account"]] = account
    tests = " AND ".join(f"{_word(column)} = {text_literal(text)}" for column, text in cells.items())
    lines: list[int] = []
    if source.delimiter:
        lines = source.lines_of(cells, 5)
        said = f"lines {', '.join(map(str, lines))}"
    else:
        rows = duck.execute(
            f"SELECT file_row_number + 1 FROM read_parquet({text_literal(source.path)}, file_row_number = true) "
            f"WHERE {tests} ORDER BY 1 LIMIT 5"
        ).fetchall()
        said = f"rows {', '.join(str(row[0]) for row in rows)}"
    return FileError(
        source.name, lines[1] if len(lines) > 1 else None, f"the order number {number!r} stands twice: {said}",
        expected="each order once",
        mend="give one row an order; for numbers that belong to accounts, name the account's column",
    )  # fmt: skip
