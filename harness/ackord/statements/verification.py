"""Reads what stands in a store again and compares it with the catalogue: bytes, rows and sums."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .catalogue import Catalogue, PartitionVersion
from .store import file_sha256
from .store_views import open_store

__all__ = ["damaged_versions"]


def damaged_versions(folder: Path) -> Iterator[str]:
    """Yield what is wrong, a sentence a version. Raises ``FileError`` for a folder without a store."""
    catalogue = Catalogue(folder)
    try:
        versions = list(catalogue.versions())
    finally:
        catalogue.close()
    whole = True
    for version in versions:
        if problem := _problem(folder, version):
            whole = False
            yield f"{version.key} version {version.version}: {problem}"
    if not whole:
        return
    connection = open_store(folder)
    try:
        yield from (f"{'/'.join(map(str, row[:3]))} version {row[3]}: its lines do not add up to its sums"
                    for row in connection.execute(_DIFFERENT).fetchall())  # fmt: skip
    finally:
        connection.close()


_COUNTED = (
    "count(*) AS rows, sum(amount_minor)::BIGINT AS amount_minor, coalesce(sum(fee_minor), 0)::BIGINT AS fee_minor"
)
_BY = "account, day, partition, version, kind, direction, currency"
_DIFFERENT = f"""
WITH found AS (SELECT {_BY}, {_COUNTED} FROM lines GROUP BY ALL),
said AS (SELECT {_BY}, rows, amount_minor, fee_minor FROM sums),
different AS ((FROM found EXCEPT FROM said) UNION ALL (FROM said EXCEPT FROM found))
SELECT DISTINCT account, day, partition, version FROM different ORDER BY ALL
"""


def _problem(folder: Path, version: PartitionVersion) -> str:
    """Return what is wrong with a version's file; empty if nothing is."""
    if not version.file:
        return "" if version.rows == 0 else "it has lines, and no file"
    path = folder / version.file
    try:
        if path.stat().st_size != version.file_bytes or file_sha256(path) != version.file_sha256:
            return f"{version.file} is not what landed"
    except OSError as error:
        return f"{version.file} cannot be read: {error.strerror}"
    return ""
