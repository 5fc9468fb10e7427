"""Columns are read exactly: money in minor and major units, days in a zone, words of statuses."""

from __future__ import annotations

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ackord.errors import UsageError
from ackord.reconcile.columns import FeeRule, TableForm, pairs_of, places_of


def value(sql: str, text: object, kind: str = "VARCHAR") -> object:
    row = duckdb.connect(":memory:").execute(f'SELECT {sql} FROM (SELECT ?::{kind} AS "x y")', [text]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.34", "EUR", 1234), ("12", "EUR", 1200), ("12.3", "EUR", 1230), ("12.340", "EUR", 1234), ("12.345", "EUR", None),
        ("12", "JPY", 12), ("12.0", "JPY", 12), ("12.5", "JPY", None), ("1.234", "KWD", 1234), ("-1", "EUR", None),
        ("1,5", "EUR", None), ("=1+1", "EUR", None), ("1e3", "EUR", None), ("", "EUR", None), ("92233720368547758.07", "EUR", 2**63 - 1),
        ("92233720368547758.08", "EUR", None), (" +7.00 ", "EUR", 700),
    ],
)  # fmt: skip
def test_major_units(text: str, currency: str, minor: int | None) -> None:
    sql = TableForm(money="major").money_sql("x y", "VARCHAR", f"'{currency}'", places_of([currency]))
    assert value(sql, text) == minor


@pytest.mark.parametrize(("text", "minor"), [("1234", 1234), ("12.34", None), ("-5", None), ("9" * 19, None), ("0", 0)])
def test_minor_units(text: str, minor: int | None) -> None:
    assert value(TableForm().money_sql("x y", "VARCHAR", "'EUR'", {}), text) == minor


def test_whole_numbers_of_a_typed_column_are_taken_as_they_are() -> None:
    sql = TableForm().money_sql("x y", "BIGINT", "'EUR'", {})
    assert (value(sql, 5, "BIGINT"), value(sql, -5, "BIGINT")) == (5, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-28", "2026-11-28"), ("2026-11-28T23:30:00Z", "2026-11-29"), ("2026-11-28 23:30:00", "2026-11-28"),
        ("2026-11-28T23:30:00+01:00", "2026-11-28"), ("28.11.2026", "None"), ("2026-02-30", "None"),
    ],
)  # fmt: skip
def test_days_in_a_zone(text: str, day: str) -> None:
    assert str(value(TableForm(zone=ZoneInfo("Europe/Berlin")).day_sql("x y", "VARCHAR"), text)) == day
    assert str(value(TableForm(zone=timezone(timedelta(hours=1))).day_sql("x y", "VARCHAR"), text)) == day


def test_words_of_statuses() -> None:
    sql = TableForm(words={"Erledigt": "paid"}).state_sql("x y")
    assert [value(sql, word) for word in ("erledigt", "SUCCEEDED", "declined", "RETURNED", "odd")] == [1, 1, 2, 3, None]


def test_fee_rules() -> None:
    assert FeeRule.parsed("1.5%+25") == (15_000, 25) and FeeRule.parsed("25") == (0, 25)
    assert value(FeeRule.parsed("1.5% + 25").sql("100"), "") == 27
    for text in ("", "%", "1.55555%", "-1", "1%25", "1.5"):
        with pytest.raises(UsageError, match="--fee"):
            FeeRule.parsed(text)


def test_pairs() -> None:
    assert pairs_of("--x", "a=B b, c=d", ("a", "c")) == {"a": "B b", "c": "d"}
    for text in ("a", "a=", "a=b,a=c", "amont=b"):
        with pytest.raises(UsageError, match="--x"):
            pairs_of("--x", text, ("a", "amount"))
