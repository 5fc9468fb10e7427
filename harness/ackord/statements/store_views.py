"""Reads a statement store: ``open_store`` gives a DuckDB connection with views over what has landed.

    lines        every line of every version                          (``lines.COLUMNS``)
    current      the lines of the newest version of each partition    (the same columns)
    partitions   one row a version: account, day, partition, version, is_current, rows, file, digest, source_sha256,
                 added, removed, landed_at
    sums         what each version adds up to: account, day, partition, version, is_current, kind, direction, currency,
                 rows, amount_minor, fee_minor

A connection shows the store as it was when it was opened; a pull that goes on beside it changes nothing in it. Another
engine than DuckDB reads the files of ``current_files``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..contract.base.extras import library
from .catalogue import Catalogue
from .lines import arrow_schema

__all__ = ["changed_lines", "current_files", "open_store"]

_MEANING = "line_id, order_no, provider_id, kind, direction, amount_minor, currency, fee_minor, status, booked_at, raw"
"""The columns that say what a line is, without where it stands."""


def current_files(folder: Path) -> list[Path]:
    """Return the Parquet files of the newest versions, for engines that read files. Raises ``FileError``."""
    catalogue = Catalogue(folder)
    try:
        return [folder / version.file for version in catalogue.current() if version.file]
    finally:
        catalogue.close()


def open_store(folder: Path, *, database: str = ":memory:", threads: int = 0) -> Any:
    """Return a ``duckdb.DuckDBPyConnection`` with the views ``lines``, ``current``, ``partitions`` and ``sums``.

    ``database``: DuckDB's own file, for what a caller adds. ``threads``: DuckDB's; 0: one a core. Raises ``FileError``
    for a folder without a store, ``UsageError`` without the extra.
    """
    duckdb = library("duckdb")
    catalogue = Catalogue(folder)
    try:
        versions = list(catalogue.versions())
        newest = {version.key: version.version for version in versions}
    finally:
        catalogue.close()
    connection = duckdb.connect(database, config={"threads": threads} if threads else {})
    connection.execute("SET TimeZone = 'UTC'")
    pa = library("pyarrow")
    where = [
        {
            "account": v.key.account, "day": v.key.day, "partition": v.key.partition, "version": v.version,
            "is_current": newest[v.key] == v.version,
        }
        for v in versions
    ]  # fmt: skip
    partitions = [
        {
            **at, "rows": v.rows, "file": v.file, "digest": v.digest, "source_sha256": v.source_sha256,
            "added": v.added, "removed": v.removed, "landed_at": v.landed_at,
        }
        for at, v in zip(where, versions, strict=True)
    ]  # fmt: skip
    sums = [{**at, **found._asdict()} for at, v in zip(where, versions, strict=True) for found in v.sums]
    place = [("account", pa.string()), ("day", pa.date32()), ("partition", pa.string()), ("version", pa.int32())]
    place.append(("is_current", pa.bool_()))
    counts = [("rows", pa.int64()), ("file", pa.string()), ("digest", pa.string()), ("source_sha256", pa.string())]
    counts += [("added", pa.int64()), ("removed", pa.int64()), ("landed_at", pa.string())]
    added = [("kind", pa.string()), ("direction", pa.string()), ("currency", pa.string()), ("rows", pa.int64())]
    added += [("amount_minor", pa.int64()), ("fee_minor", pa.int64())]
    _table(connection, "partitions", pa.Table.from_pylist(partitions, pa.schema(place + counts)))
    _table(connection, "sums", pa.Table.from_pylist(sums, pa.schema(place + added)))
    _view(connection, "lines", [folder / v.file for v in versions if v.file])
    _view(connection, "current", [folder / v.file for v in versions if v.file and newest[v.key] == v.version])
    return connection


def changed_lines(old: Path | None, new: Path | None) -> tuple[int, int]:
    """Return how many lines of ``new`` are not in ``old``, and how many of ``old`` are not in ``new``.

    Each is a Parquet file of one version; ``None`` is a version without lines. A line that stands twice counts twice.
    """
    connection = library("duckdb").connect(":memory:")
    try:
        _view(connection, "before", [] if old is None else [old])
        _view(connection, "after", [] if new is None else [new])

        def only_in(one: str, other: str) -> int:
            query = f"SELECT count(*) FROM (SELECT {_MEANING} FROM {one} EXCEPT ALL SELECT {_MEANING} FROM {other})"
            return int(connection.execute(query).fetchone()[0])

        return only_in("after", "before"), only_in("before", "after")
    finally:
        connection.close()


def _table(connection: Any, name: str, rows: Any) -> None:
    connection.register("arriving", rows)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")
    connection.unregister("arriving")


def _view(connection: Any, name: str, files: list[Path]) -> None:
    if not files:
        _table(connection, f"no_{name}", arrow_schema().empty_table())
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM no_{name}")
        return
    quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    connection.execute(
        f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{quoted}], hive_partitioning = false)"
    )
