"""Small sides for the tests of reconciliations, and a reconciler of plain dictionaries to compare with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from ackord.reconcile.classes import ORDER_STATES, ReconcileClass
from ackord.reconcile.expressions import LINE_TYPES, ORDER_TYPES
from ackord.reconcile.inputs import ReconcileOptions
from ackord.reconcile.reconciliation import Reconciliation, reconciled

DAY, NEXT_DAY = date(2026, 11, 28), date(2026, 11, 29)
_ARROW = {"string": pa.string(), "int8": pa.int8(), "int64": pa.int64(), "date": pa.date32()}


class SmallOrder(NamedTuple):
    """An order in the columns of ``ORDER_TYPES``."""

    account: str
    order_no: str
    state: int = 1
    amount_minor: int = 100
    currency: str = "EUR"
    refunded_minor: int = 0
    fee_minor: int | None = None
    created_day: date | None = None
    day: date | None = None


class SmallLine(NamedTuple):
    """A line in the columns of ``LINE_TYPES``."""

    account: str
    order_no: str
    kind: str = "payout"
    amount_minor: int = 100
    currency: str = "EUR"
    fee_minor: int | None = None
    day: date | None = DAY
    booked_day: date | None = None


def arrow(rows: Sequence[tuple[Any, ...]], types: dict[str, str]) -> pa.Table:
    """The rows as a table."""
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in types]
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in types.items()])
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def order_table(orders: Sequence[SmallOrder]) -> pa.Table:
    return arrow(orders, ORDER_TYPES)


def line_table(lines: Sequence[SmallLine]) -> pa.Table:
    return arrow(lines, LINE_TYPES)


def written(folder: Path, orders: Sequence[SmallOrder], lines: Sequence[SmallLine], **more: Any) -> ReconcileOptions:
    """Both sides as Parquet files, and the options that compare them."""
    table = order_table(orders)
    states = pa.array([ORDER_STATES[order.state].value for order in orders], pa.string())
    table = table.set_column(table.schema.get_field_index("state"), "status", states)
    pq.write_table(
        table.rename_columns(["created" if n == "created_day" else n for n in table.column_names]), folder / "o.parquet"
    )
    table = line_table(lines)
    pq.write_table(
        table.rename_columns(["booked" if n == "booked_day" else n for n in table.column_names]), folder / "s.parquet"
    )
    return ReconcileOptions(str(folder / "o.parquet"), folder / "s.parquet", **more)


def outcome(options: ReconcileOptions) -> Reconciliation:
    """The result alone."""
    with reconciled(options) as (result, _, _):
        return result


def counted(result: Reconciliation) -> dict[str, int]:
    """The classes that have anything."""
    return {str(group): count for group, count in sorted(result.numbers.items()) if count}


def plain_classes(orders: Sequence[SmallOrder], lines: Sequence[SmallLine]) -> list[tuple[str, str, str]]:
    """``(account, order_no, class)`` of all order numbers, sorted: one after the other, with dictionaries."""
    by_key: dict[tuple[str, str], list[SmallLine]] = defaultdict(list)
    found = []
    for line in lines:
        if line.kind not in ("payout", "return", "refund"):
            continue
        if line.order_no:
            by_key[line.account, line.order_no].append(line)
        else:
            found.append((line.account, "", "phantom"))
    known = {(order.account, order.order_no): order for order in orders}
    keys = known.keys() | by_key.keys()
    return sorted(found + [(*key, str(_plain_class(known.get(key), by_key.get(key, [])))) for key in keys])


def _plain_class(order: SmallOrder | None, lines: list[SmallLine]) -> ReconcileClass:
    c = ReconcileClass
    if order is None:
        return c.PHANTOM
    state = ORDER_STATES[order.state].value
    if not lines:
        return c.MISSING if state in ("paid", "returned") else c.UNSETTLED
    if any(line.currency != order.currency for line in lines):
        return c.CURRENCY_DIFFERS
    paid = [line.amount_minor for line in lines if line.kind == "payout"]
    back = [line.amount_minor for line in lines if line.kind != "payout"]
    net = sum(paid) - sum(back)
    due = 0 if state in ("unpaid", "returned") else order.amount_minor - order.refunded_minor
    most = order.amount_minor if state == "unpaid" else due
    if (len(paid) > 1 and net > most) or (len(back) > 1 and net < 0):
        return c.DUPLICATED
    if state == "unpaid" and net != 0:
        return c.STATUS_DIFFERS
    if state == "returned" and not back:
        return c.STATUS_DIFFERS
    if state == "paid" and back and net == 0 and due != 0:
        return c.STATUS_DIFFERS
    if net != due:
        return c.AMOUNT_DIFFERS
    if order.fee_minor is not None and order.fee_minor != sum(line.fee_minor or 0 for line in lines):
        return c.FEE_DIFFERS
    days = [line.day for line in lines if line.kind == "payout" and line.day is not None]
    if order.day is not None and days and min(days) != order.day:
        return c.WRONG_DAY
    if any(line.booked_day and line.day and line.booked_day != line.day for line in lines):
        return c.WRONG_DAY
    return c.MATCHED
