"""Keeps the catalogue of a statement store: which version of which partition stands in which file.

The catalogue is the truth: a Parquet file that it does not name does not exist. It is one SQLite database, because its
transactions survive ``kill -9`` at any byte: a version is there with its file, sums and digests, or it is not.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ..errors import EnvironmentFailed, FileError
from .lines import PartitionKey, PartitionSums

__all__ = ["CATALOGUE", "Catalogue", "PartitionVersion"]

CATALOGUE = "catalogue.sqlite"
_FORMAT = 1
_WAIT_S = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS store (format INTEGER NOT NULL, provider TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS versions (
  account TEXT NOT NULL, day TEXT NOT NULL, partition TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),
  rows INTEGER NOT NULL, file TEXT NOT NULL, file_bytes INTEGER NOT NULL, file_sha256 TEXT NOT NULL,
  digest TEXT NOT NULL, source_sha256 TEXT NOT NULL, sums TEXT NOT NULL, added INTEGER NOT NULL,
  removed INTEGER NOT NULL, landed_at TEXT NOT NULL,
  PRIMARY KEY (account, day, partition, version)
) STRICT;
"""


class PartitionVersion(NamedTuple):
    """One version of a partition, as it landed."""

    key: PartitionKey
    version: int
    """From 1; a late line or a re-issued statement makes the next one."""
    rows: int
    file: str
    """The Parquet file below the store's folder; empty for a version without lines."""
    file_bytes: int
    file_sha256: str
    digest: str
    """SHA-256 of all lines with their readings: the same lines in the same order give the same one."""
    source_sha256: str
    """SHA-256 of what the provider sent, page after page."""
    sums: tuple[PartitionSums, ...]
    added: int
    """Lines that the version before did not have."""
    removed: int
    """Lines of the version before that this one does not have."""
    landed_at: str
    """Civil time in UTC, ISO 8601."""


class Catalogue:
    """The catalogue of one store. Safe for several readers beside one writer."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        """Open it. Raises ``FileError`` for a folder without one, or with one of another format."""
        path = folder / CATALOGUE
        if not create and not path.is_file():
            raise FileError(
                folder, None, "there is no statement store", expected=f"a folder with {CATALOGUE}",
                mend="pull a statement into it: ackord statement pull CONTRACT --date DAY --store FOLDER",
            )  # fmt: skip
        try:
            self._db = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA synchronous=FULL")
            if create:
                self._db.executescript(_TABLES)
            found = self._db.execute("SELECT format FROM store").fetchone()
            if found is None and create:
                self._db.execute("INSERT INTO store VALUES (?, '')", (_FORMAT,))
                found = (_FORMAT,)
        except sqlite3.Error as error:
            raise FileError(
                path, None, f"it is no catalogue of statements: {error}", mend="give another --store"
            ) from None
        if found is None or found[0] != _FORMAT:
            raise FileError(path, None, f"it has the format {found and found[0]}", expected=f"format {_FORMAT}")
        self.path = path

    def close(self) -> None:
        self._db.close()

    def bind(self, provider: str) -> None:
        """Say whose statements these are, once. Raises ``FileError`` for a store of another provider."""
        found = self._db.execute("SELECT provider FROM store").fetchone()[0]
        if found not in ("", provider):
            raise FileError(
                self.path.parent, None, f"the store holds statements of {found}",
                expected=f"statements of {provider}", mend="give another folder with --store",
            )  # fmt: skip
        if not found:
            self._db.execute("UPDATE store SET provider = ?", (provider,))

    @property
    def provider(self) -> str:
        """The provider's name in its contract."""
        return str(self._db.execute("SELECT provider FROM store").fetchone()[0])

    def newest(self, key: PartitionKey) -> PartitionVersion | None:
        """Return the version of a partition that is valid now; ``None`` before the first."""
        return next(
            self._read("WHERE account = ? AND day = ? AND partition = ? ORDER BY version DESC LIMIT 1", key), None
        )

    def versions(self) -> Iterator[PartitionVersion]:
        """Yield all versions, by account, day, partition and version."""
        yield from self._read("ORDER BY account, day, partition, version")

    def current(self) -> Iterator[PartitionVersion]:
        """Yield the newest version of each partition."""
        yield from self._read(
            "WHERE version = (SELECT max(o.version) FROM versions o WHERE o.account = v.account AND o.day = v.day "
            "AND o.partition = v.partition) ORDER BY account, day, partition"
        )

    def files(self) -> set[str]:
        """Return the names of all files that versions stand in."""
        return {row[0] for row in self._db.execute("SELECT file FROM versions WHERE file <> ''")}

    def add(self, version: PartitionVersion) -> None:
        """Land one version: when this returns it is on the disk."""
        row = (
            version.key.account, version.key.day.isoformat(), version.key.partition, version.version, version.rows,
            version.file, version.file_bytes, version.file_sha256, version.digest, version.source_sha256,
            json.dumps(version.sums), version.added, version.removed, version.landed_at,
        )  # fmt: skip
        with self._transaction():
            self._db.execute(f"INSERT INTO versions VALUES ({', '.join('?' * len(row))})", row)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise EnvironmentFailed(f"{self.path}: the catalogue cannot be written: {error}") from None

    def _read(self, tail: str, key: PartitionKey | None = None) -> Iterator[PartitionVersion]:
        bound = () if key is None else (key.account, key.day.isoformat(), key.partition)
        for row in self._db.execute(f"SELECT * FROM versions v {tail}", bound).fetchall():
            account, day, partition, version, rows, file, size, file_sha256, digest, source, sums, *rest = row
            yield PartitionVersion(
                PartitionKey(account, date.fromisoformat(day), partition), version, rows, file, size, file_sha256,
                digest, source, tuple(PartitionSums(*found) for found in json.loads(sums)), *rest,
            )  # fmt: skip
