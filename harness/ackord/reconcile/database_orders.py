"""Reads orders from PostgreSQL: the rows of one query, in batches, as texts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..contract.base.extras import library
from ..errors import EnvironmentFailed, UsageError

__all__ = ["is_database", "write_query"]

_SCHEMES = ("postgresql://", "postgres://")
_BATCH_ROWS = 20_000


def is_database(orders: str) -> bool:
    """Return whether this is the address of a database."""
    return orders.startswith(_SCHEMES)


def write_query(address: str, query: str, target: Path) -> None:
    """Write a query's rows as a Parquet file of texts, in a transaction that cannot write.

    Raises ``UsageError`` for a query that is wrong, ``EnvironmentFailed`` for a database that cannot be reached.
    """
    if not query:
        raise UsageError("--query is missing\n  expected: the SQL that gives one row an order")
    asyncio.run(_write(address, query, target))


async def _write(address: str, query: str, target: Path) -> None:
    import asyncpg

    try:
        connection = await asyncpg.connect(address, timeout=30)
    except (OSError, ValueError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # The address has a password in it, so the message does not show it.
        raise EnvironmentFailed(
            f"the database of the orders cannot be reached: {error or type(error).__name__}"
        ) from None
    try:
        async with connection.transaction(readonly=True):
            await connection.execute("SET LOCAL TimeZone = 'UTC'")
            prepared = await connection.prepare(query)
            names = [attribute.name for attribute in prepared.get_attributes()]
            with _TextColumns(target, names) as write:
                rows: list[Any] = []
                async for row in prepared.cursor(prefetch=_BATCH_ROWS):
                    rows.append(row)
                    if len(rows) == _BATCH_ROWS:
                        write(rows)
                        rows = []
                write(rows)
    except asyncpg.PostgresError as error:
        raise UsageError(f"--query: the database refuses it: {error}") from None
    finally:
        await connection.close()


class _TextColumns:
    """Writes rows as columns of texts."""

    def __init__(self, target: Path, names: list[str]) -> None:
        pa = library("pyarrow")
        self._pa, self._names = pa, names
        self._schema = pa.schema([(name, pa.string()) for name in names])
        self._file = library("pyarrow.parquet").ParquetWriter(target, self._schema, compression="zstd")

    def __enter__(self) -> Any:
        return self._write

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self, rows: list[Any]) -> None:
        columns = [list(_texts(row[n] for row in rows)) for n in range(len(self._names))]
        arrays = [self._pa.array(column, self._pa.string()) for column in columns]
        self._file.write_table(self._pa.Table.from_arrays(arrays, schema=self._schema))


def _texts(values: Iterator[Any]) -> Iterator[str | None]:
    for value in values:
        yield None if value is None else format(value, "f") if type(value).__name__ == "Decimal" else str(value)
