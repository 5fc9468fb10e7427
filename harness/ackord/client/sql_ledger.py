"""Reads a ledger by the SQL query that a contract declares: read only, and bounded in time and rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from ..contract.base.body_parsing import UnreadableBody
from ..contract.codec.codec import LedgerRow, Payment
from ..contract.spec.ledger_tables import SqlLedgerSpec, SqlQuery
from ..core.clock import MS, SECOND
from ..masking import mask
from .movement_source import TableSource, seconds
from .transport import NoResponse

__all__ = ["SqlLedger"]

_FAILURES = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_NO_ADDRESS = (
    "the ledger cannot be read: sql.dsn is no address of PostgreSQL, expected postgresql://user:password@host:port/"
    "database, with what stands in it percent-encoded"
)


@dataclass
class SqlLedger(TableSource):
    """The rows of a query, through one connection for all readings of a run."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._connection: Any = None
        """Of asyncpg; ``None`` until the first reading."""

    async def _rows(
        self, payment: Payment | None, provider_id: str | None, numbers: Mapping[str, str]
    ) -> Sequence[LedgerRow]:
        assert isinstance(self.table.ledger, SqlLedgerSpec)  # that is who makes one
        sql = self.table.ledger.sql
        parameters = self.table.parameters(payment, provider_id)
        try:
            async with asyncio.timeout(sql.timeout.ns / SECOND):
                columns, records = await self._query(sql, parameters)
        except UnreadableBody:
            await self.close()
            raise
        except (TimeoutError, asyncpg.QueryCanceledError):
            why = f"it took longer than {seconds(sql.timeout.ns)} (sql.timeout)"
        except ConnectionRefusedError:
            why = "the database refuses connections"
        except _FAILURES as error:
            why = _first_line(error, sql.dsn)
        else:
            return self.table.read_rows([_plain(record) for record in records], columns, numbers)
        await self.close()
        raise NoResponse(f"the ledger cannot be read: its query failed: {why}")

    async def _query(self, sql: SqlQuery, parameters: Sequence[str]) -> tuple[list[str], list[Any]]:
        """Return the columns' names and the rows.

        Raises ``UnreadableBody`` for a result that is no table, ``NoResponse`` for an address that is none.
        """
        if self._connection is None:
            self._connection = await _connected(sql.dsn)
        connection = self._connection
        # A snapshot: rows that move while they are fetched are neither lost nor read twice. Where it fails it is not
        # rolled back, which a server that hangs would never answer: the connection is ended.
        transaction = connection.transaction(isolation="repeatable_read", readonly=True)
        await transaction.start()
        # What the server does not end itself would go on after the connection is given up.
        await connection.execute(f"SET LOCAL statement_timeout = {max(1, sql.timeout.ns // MS)}")
        statement = await connection.prepare(self.table.query)
        columns = [attribute.name for attribute in statement.get_attributes()]
        if not columns:
            raise UnreadableBody("its query returns no rows, expected one that begins with SELECT")
        if repeated := [name for name, n in Counter(columns).items() if n > 1]:
            raise UnreadableBody(f"two columns are called {repeated[0]}")
        rows = await (await statement.cursor(*parameters)).fetch(sql.rows + 1)
        await transaction.rollback()
        if len(rows) > sql.rows:
            raise UnreadableBody(f"its query returns more than {sql.rows:,} rows (sql.rows); narrow it to the run's")
        return columns, rows

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()  # a polite goodbye would wait for a query that takes too long
            self._connection = None


async def _connected(dsn: str) -> Any:
    try:
        if urlsplit(dsn).scheme in ("postgres", "postgresql"):
            return await asyncpg.connect(dsn, statement_cache_size=0)
    except ValueError:  # its text shows parts of the address, and of the password in it
        pass
    raise NoResponse(_NO_ADDRESS)


def _plain(record: Any) -> dict[str, Any]:
    return {name: _value(value) for name, value in record.items()}


def _value(value: Any) -> Any:
    """Return a value of the database as JSON would have it: numbers and text."""
    if value is None or type(value) in (int, str, bool):
        return value
    if type(value) is Decimal:
        return int(value) if value.is_finite() and value == value.to_integral_value() else str(value)
    return value if type(value) is float else str(value)


def _first_line(error: Exception, dsn: str) -> str:
    password = urlsplit(dsn).password
    said = mask(str(error), also=[password] if password else []).strip()
    return said.splitlines()[0] if said else type(error).__name__
