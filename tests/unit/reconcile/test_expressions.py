"""The expressions agree with a reconciler of plain dictionaries, on every engine's SQL, and lose no cent."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any

import duckdb
import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.reconcile.expressions import (
    LINE_TYPES,
    ORDER_TYPES,
    Range,
    class_line_totals,
    class_order_totals,
    classified,
    given_twice,
    line_totals,
    order_totals,
    with_several_lines,
)

from .support import DAY, NEXT_DAY, SmallLine, SmallOrder, line_table, order_table, plain_classes

AMOUNTS = st.sampled_from([0, 1, 50, 99, 100, 100, 200, 2**62])
CURRENCIES = st.sampled_from(["EUR", "EUR", "EUR", "JPY"])
FEES = st.sampled_from([None, None, 0, 5, -5])
DAYS = st.sampled_from([None, DAY, DAY, NEXT_DAY])
NUMBERS = st.sampled_from(["A", "B", "C", "D", "E"])
ACCOUNTS = st.sampled_from(["x", "x", "y"])
ORDERS = st.lists(
    st.builds(SmallOrder, ACCOUNTS, NUMBERS, st.integers(0, 3), AMOUNTS, CURRENCIES, st.sampled_from([0, 0, 50]), FEES, st.none(), DAYS),
    max_size=8,
    unique_by=lambda order: (order.account, order.order_no),
)  # fmt: skip
KINDS = st.sampled_from(["payout", "payout", "return", "refund", "Fee"])
LINES = st.lists(
    st.builds(SmallLine, ACCOUNTS, st.one_of(NUMBERS, NUMBERS, st.just("")), KINDS, AMOUNTS, CURRENCIES, FEES, DAYS, DAYS),
    max_size=14,
).map(lambda lines: [line for n, line in enumerate(lines) if line.amount_minor < 2**62 or n < 1])  # fmt: skip
"""One line of 2**62 at most: the sums of one order number are to fit into 64 bits, those of an account need not."""


TABLES = {"o": ORDER_TYPES, "s": LINE_TYPES}


@cache
def duck() -> Any:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    for name, table in (("o", order_table([])), ("s", line_table([]))):
        kept(connection, name, table)
    return connection


@cache
def sql_of(name: str, by_account: bool, first: date | None = None, last: date | None = None) -> str:
    """The SQL of a relation of ``expressions`` over the tables ``o``, ``s`` and ``c``, compiled once."""
    o, s = (ibis.table(types, name=name) for name, types in TABLES.items())
    several = with_several_lines(s, by_account=by_account)
    found = classified(o, s, several, Range(first, last), by_account=by_account)
    c = ibis.table(found.schema(), name="c")
    relations = {
        "classified": found,
        "order_totals": order_totals(o),
        "line_totals": line_totals(s),
        "class_order_totals": class_order_totals(c),
        "class_line_totals": class_line_totals(c, s, by_account=by_account),
    }
    return str(ibis.to_sql(relations[name], dialect="duckdb"))


def kept(connection: Any, name: str, table: Any) -> None:
    """Keep a table; it replaces the one before."""
    connection.register("arriving", table)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")


def stored(orders: list[SmallOrder], lines: list[SmallLine]) -> None:
    kept(duck(), "o", order_table(orders))
    kept(duck(), "s", line_table(lines))


def rows(name: str, *, by_account: bool = True, days: Range = Range()) -> list[dict[str, Any]]:
    cursor = duck().execute(sql_of(name, by_account, *days))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@given(ORDERS, LINES)
@settings(max_examples=80, deadline=None)
def test_each_order_number_has_the_class_that_dictionaries_find(
    orders: list[SmallOrder], lines: list[SmallLine]
) -> None:
    stored(orders, lines)
    duck().execute(f"CREATE OR REPLACE TABLE c AS {sql_of('classified', True)}")
    found = duck().execute("SELECT account, order_no, class FROM c").fetchall()
    assert sorted(found) == plain_classes(orders, lines)
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for r in rows("class_order_totals"):
        sums[r["account"], r["currency"]][0] += int(r["orders"])
        sums[r["account"], r["currency"]][1] += int(r["ordered_minor"])
    assert {key: tuple(value) for key, value in sums.items()} == {
        (r["account"], r["currency"]): (r["orders"], int(r["ordered_minor"])) for r in rows("order_totals")
    }
    out: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for r in rows("class_line_totals"):
        out[r["account"], r["currency"], r["way"]][0] += int(r["lines"])
        out[r["account"], r["currency"], r["way"]][1] += int(r["amount_minor"])
    plain: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        if line.kind != "Fee":
            key = (line.account, line.currency, "paid" if line.kind == "payout" else "back")
            plain[key][0] += 1
            plain[key][1] += line.amount_minor
    assert out == plain


@given(ORDERS, LINES)
@settings(max_examples=20, deadline=None)
def test_without_accounts_an_order_has_those_of_its_lines(orders: list[SmallOrder], lines: list[SmallLine]) -> None:
    orders = [order._replace(account="") for order in orders if order.account == "x"]
    stored(orders, lines)
    found = rows("classified", by_account=False)
    plain = plain_classes(orders, [line._replace(account="") for line in lines])
    assert sorted((r["order_no"], r["class"]) for r in found) == sorted((number, group) for _, number, group in plain)


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark"])
def test_one_set_of_expressions_is_the_sql_of_every_engine(dialect: str) -> None:
    o, s = ibis.table(ORDER_TYPES, name="o"), ibis.table(LINE_TYPES, name="s")
    several = with_several_lines(s, by_account=True)
    found = classified(o, s, several, Range(DAY, NEXT_DAY), by_account=True)
    for relation in (
        found,
        given_twice(o, by_account=True),
        order_totals(o),
        line_totals(s),
        class_order_totals(found),
        class_line_totals(found, s, by_account=False),
    ):
        assert str(ibis.to_sql(relation, dialect=dialect)).startswith(("SELECT", "WITH"))


def test_sums_beyond_64_bits_are_exact() -> None:
    stored([SmallOrder("x", str(n), amount_minor=2**63 - 1) for n in range(3)],
           [SmallLine("x", str(n), amount_minor=2**63 - 1) for n in range(3)])  # fmt: skip
    assert [int(r["ordered_minor"]) for r in rows("order_totals")] == [3 * (2**63 - 1)]
    assert [int(r["amount_minor"]) for r in rows("line_totals")] == [3 * (2**63 - 1)]
    assert {r["class"] for r in rows("classified")} == {"matched"}


def test_days_that_were_not_asked_for_are_not_compared() -> None:
    later = NEXT_DAY
    orders = [SmallOrder("x", "in", created_day=DAY), SmallOrder("x", "out", created_day=later),
              SmallOrder("x", "late", created_day=DAY), SmallOrder("x", "early", created_day=later)]  # fmt: skip
    lines = [SmallLine("x", "in"), SmallLine("x", "out", day=later), SmallLine("x", "late", day=later), SmallLine("x", "early"),
             SmallLine("x", "", day=later), SmallLine("x", "")]  # fmt: skip
    stored(orders, lines)
    found = sorted((r["order_no"], r["class"]) for r in rows("classified", days=Range(DAY, DAY)))
    assert found == [
        ("", "outside"), ("", "phantom"), ("early", "wrong_day"), ("in", "matched"), ("late", "wrong_day"), ("out", "outside"),
    ]  # fmt: skip
