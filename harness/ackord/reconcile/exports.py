"""Writes the classes as Parquet and CSV, and the totals as CSV and JSON.

A text cell of a CSV that a spreadsheet would take for a formula (it begins with ``=``, ``+``, ``-``, ``@``, tab or
carriage return) gets an apostrophe in front. Parquet holds the texts as they are.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import unwritable
from ..report.files import json_bytes, write_file
from .classes import DIFFERENCES, ORDER_STATES, ReconcileClass
from .columns import quoted, text_literal
from .reconciliation import LineSum, OrderSum, Reconciliation, relation_of

__all__ = ["Exported", "document_of", "safe_cell", "write_exports"]

_FORMULA = "=+-@\t\r"
_TEXTS = ("account", "order_no", "ordered_currency", "currency")
_NUMBERS = (
    "ordered_minor", "refunded_minor", "due_minor", "paid_lines", "paid_minor", "back_lines", "back_minor", "net_minor",
    "expected_fee_minor", "fee_minor", "due_day", "day",
)  # fmt: skip


class Exported(NamedTuple):
    """What was written."""

    files: tuple[Path, ...]
    escaped_cells: int
    """Cells of the CSV files that got an apostrophe."""


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] and text[0] in _FORMULA else text


def write_exports(result: Reconciliation, duck: Any, classified: Path, out: Path) -> Exported:
    """Write ``CLASS.parquet`` and ``CLASS.csv`` of each class that has rows, ``totals.csv`` and ``summary.json``.

    Files of an earlier run are removed. Raises ``FileError``, or ``EnvironmentFailed`` on a full disk.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        for group in ReconcileClass:
            for suffix in (".csv", ".parquet"):
                (out / f"{group}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(out, "the reconciliation", error) from None
    files, escaped = [], 0
    for group in ReconcileClass:
        if not result.numbers.get(group):
            continue
        rows = f"FROM {relation_of(classified)} WHERE class = {text_literal(group.value)}"
        order = " ORDER BY account, order_no" if group in DIFFERENCES else ""
        files += [out / f"{group}.parquet", out / f"{group}.csv"]
        duck.execute(f"COPY (SELECT {_columns()} {rows}{order}) TO {text_literal(files[-2])} "
                     "(FORMAT parquet, COMPRESSION zstd)")  # fmt: skip
        duck.execute(f"COPY (SELECT {_columns(safe=True)} {rows}{order}) TO {text_literal(files[-1])} "
                     "(FORMAT csv, HEADER)")  # fmt: skip
        counted = " + ".join(f"count(*) FILTER ({_is_formula(name)})" for name in _TEXTS)
        escaped += duck.execute(f"SELECT {counted} {rows}").fetchone()[0]
    write_file(out / "totals.csv", _totals(result).encode())
    write_file(out / "summary.json", json_bytes(document_of(result)), masked=True)
    return Exported((*files, out / "totals.csv", out / "summary.json"), escaped)


def _columns(*, safe: bool = False) -> str:
    words = " ".join(f"WHEN {n} THEN '{state}'" for n, state in enumerate(ORDER_STATES))
    account, order_no, *currencies = (_safe(name) if safe else name for name in _TEXTS)
    status = f"CASE state {words} ELSE '' END AS status"
    return ", ".join(["class", account, order_no, status, *currencies, *_NUMBERS])


def _is_formula(name: str) -> str:
    return f"regexp_matches({quoted(name)}, '^[=+\\-@\\t\\r]')"


def _safe(name: str) -> str:
    return f"CASE WHEN {_is_formula(name)} THEN '''' || {quoted(name)} ELSE {quoted(name)} END AS {name}"


def _totals(result: Reconciliation) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["side", "class", "account", "currency", "kind", "count", "amount_minor", "other_minor"])
    for one in (*result.orders, *result.order_classes):
        table.writerow(
            ["orders", one.group, safe_cell(one.account), one.currency, "ordered", one.orders, one.ordered_minor,
             one.refunded_minor]
        )  # fmt: skip
    for line in (*result.lines, *result.line_classes):
        table.writerow(
            ["statement", line.group, safe_cell(line.account), safe_cell(line.currency), safe_cell(line.kind),
             line.lines, line.amount_minor, line.fee_minor]
        )  # fmt: skip
    return text.getvalue()


def document_of(result: Reconciliation) -> dict[str, Any]:
    """Return the result as plain data: amounts are minor units."""
    return {
        "exit_code": result.exit_code,
        "engine": result.engine,
        "compared": result.compared,
        "differences": result.differences,
        "classes": {str(group): result.numbers.get(group, 0) for group in ReconcileClass},
        "late_partitions": result.late,
        "late": list(result.late_shown),
        "completeness": "store" if result.is_store else "unknown: a file does not say what is missing in it",
        "proof": "the sums of the classes are the sums of both sides",
        "orders": list(map(_of_sum, result.orders)),
        "statement": list(map(_of_sum, result.lines)),
        "orders_by_class": list(map(_of_sum, result.order_classes)),
        "statement_by_class": list(map(_of_sum, result.line_classes)),
    }


def _of_sum(one: OrderSum | LineSum) -> dict[str, Any]:
    fields = one._asdict()
    return {"class": fields.pop("group"), **fields}
