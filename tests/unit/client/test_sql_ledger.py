"""A ledger that a query returns: addresses and values. ``tests/live/test_money_sources.py`` asks a real PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from decimal import Decimal

import pytest

from ackord.client.sql_ledger import SqlLedger, _value
from ackord.client.transport import NoResponse
from ackord.host.free_port import free_port

from .test_provider_client import SMALL, FakeTransport, client


def problem_of(dsn: str) -> str:
    asked = client(f'{SMALL}ledger: {{sql: {{dsn: "{dsn}", query: SELECT 1, timeout: 5s}}}}\n', FakeTransport())
    assert asked.codec.table is not None

    async def once() -> str:
        source = SqlLedger(asked, asked.codec.table)  # type: ignore[arg-type]
        with pytest.raises(NoResponse) as why:
            await source.read(lambda number: True)
        await source.close()
        return str(why.value)

    return asyncio.run(once())


@pytest.mark.parametrize("dsn", ["mysql://a/b", "books", "postgresql://me:top/secret@host/db", "postgresql://h:port/x"])
def test_an_address_that_is_none_is_said_without_showing_it(dsn: str) -> None:
    said = problem_of(dsn)
    assert "sql.dsn is no address of PostgreSQL" in said
    assert "secret" not in said and "books" not in said


def test_a_refused_connection_is_one_reason() -> None:
    said = problem_of(f"postgresql://me:top-secret@127.0.0.1:{free_port()}/books")
    assert said == "the ledger cannot be read: its query failed: the database refuses connections"


def test_a_host_that_does_not_exist_is_one_reason() -> None:
    assert "its query failed: " in problem_of("postgresql://me:top-secret@no-such-host.invalid/books")


def test_values_of_the_database_become_numbers_and_text() -> None:
    key = uuid.UUID(int=7)
    values = [None, 5, "x", True, Decimal("500"), Decimal("5.00"), Decimal("19.90"), Decimal("NaN"), 0.5, key]
    assert [_value(value) for value in values] == [None, 5, "x", True, 500, 5, "19.90", "NaN", 0.5, str(key)]
