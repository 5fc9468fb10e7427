"""Writes a statement store: a folder of Parquet files with a catalogue, into which each partition lands all or nothing.

    FOLDER/catalogue.sqlite              the truth: versions of partitions, with their files, sums and digests
    FOLDER/lines/2026-11-28/NAME-v1.parquet   the lines of one version of one partition (``lines.COLUMNS``)
    FOLDER/staging/                      files being written; emptied by the next writer
    FOLDER/transfer/                     pages that came, of partitions that have not landed; resumed by the next pull
    FOLDER/lock                          held by the one process that writes

A version lands in three steps: its file is written and fsynced in ``staging``; it is renamed into ``lines`` and the
folder fsynced; its row is committed to the catalogue. ``kill -9`` before the last step leaves a file that the catalogue
does not name, and the next writer deletes it. No landed file is ever written again: late lines and re-issued statements
make a new version, and the version before stays. Read a store with ``store_views.open_store``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.base.extras import library
from ..errors import FileError, unwritable
from .catalogue import Catalogue, PartitionVersion
from .lines import PartitionKey, RunningSums, StatementLine, arrow_schema
from .store_views import changed_lines

__all__ = ["Landing", "StagedPartition", "StatementStore", "file_sha256"]

_STORED = StatementLine._fields.index("raw") + 1
"""Of a line's facts, the first so many are stored."""
_BATCH_ROWS = 1 << 16
_BATCH_CHARACTERS = 1 << 24
"""Rows, or characters of rows, that are held in memory before they are written."""


class Landing(NamedTuple):
    """What became of a staged partition."""

    version: PartitionVersion
    """The one that is valid now."""
    changed: bool
    """``False``: the same lines had landed before, and nothing was written."""


class StatementStore:
    """The one writer of a store."""

    def __init__(self, folder: Path, provider: str) -> None:
        """Create or open the store, and clear away what an earlier writer left unfinished.

        ``provider``: the name in the contract. Raises ``FileError`` for a folder that holds something else, belongs to
        another provider, or is written to by another process.
        """
        for name in ("pyarrow.parquet", "duckdb"):
            library(name)
        self.folder = folder
        self._staging, self._lines, self.transfer = folder / "staging", folder / "lines", folder / "transfer"
        try:
            if folder.is_dir() and any(folder.iterdir()) and not (folder / "lock").exists():
                raise FileError(folder, None, "it holds other things", expected="a new folder, or a statement store")
            for path in (folder, self._staging, self._lines, self.transfer):
                path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise unwritable(folder, "the statement store", error, mend="choose another folder with --store") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise FileError(
                folder, None, "another process is pulling into this store", mend="wait for it, or give another --store"
            ) from None
        self.catalogue = Catalogue(folder, create=True)
        self.catalogue.bind(provider)
        self._clear()
        self._open: set[PartitionKey] = set()

    def close(self) -> None:
        """Let the next writer in."""
        self.catalogue.close()
        os.close(self._lock)

    def _clear(self) -> None:
        for path in self._staging.iterdir():
            path.unlink()
        landed = self.catalogue.files()
        for path in self._lines.rglob("*.parquet"):
            if path.relative_to(self.folder).as_posix() not in landed:
                path.unlink()

    @contextmanager
    def stage(self, key: PartitionKey) -> Iterator[StagedPartition]:
        """Write the lines of a partition aside; nothing lands before ``StagedPartition.land``."""
        if key in self._open:
            raise ValueError(f"{key} is being written already")
        self._open.add(key)
        before = self.catalogue.newest(key)
        staged = StagedPartition(self, key, before)
        try:
            yield staged
        finally:
            staged.discard()
            self._open.discard(key)

    # What a staged partition needs.

    def staged_path(self, name: str) -> Path:
        return self._staging / f"{name}.parquet"

    def move(self, name: str, day: str) -> str:
        """Give a staged file its place for good. Return the place below the store's folder."""
        folder = self._lines / day
        if not folder.is_dir():
            folder.mkdir()
            _sync_folder(self._lines)
        staged = self.staged_path(name)
        staged.replace(folder / staged.name)
        _sync_folder(folder)
        return f"lines/{day}/{staged.name}"

    def forget_transfer(self, folder: Path) -> None:
        """Delete the pages of a partition that landed."""
        shutil.rmtree(folder, ignore_errors=True)


class StagedPartition:
    """Lines on their way into the store. Memory stays bounded: rows go to the disk in batches."""

    def __init__(self, store: StatementStore, key: PartitionKey, before: PartitionVersion | None) -> None:
        self.key = key
        self._store = store
        self._before = before
        self._version = 1 if before is None else before.version + 1
        digest = hashlib.sha256("\0".join((key.account, key.day.isoformat(), key.partition)).encode()).hexdigest()[:24]
        self._name = f"{digest}-v{self._version}"
        self._schema = arrow_schema()
        self._writer: Any = None
        self._waiting: list[StatementLine] = []
        self._characters = 0
        self._digest = hashlib.sha256()
        self._sums = RunningSums()
        self._written = 0

    @property
    def rows(self) -> int:
        """How many lines were added."""
        return self._written + len(self._waiting)

    def sums(self) -> RunningSums:
        """Return what the lines added so far add up to."""
        self._flush()
        return self._sums

    def add(self, lines: Sequence[StatementLine]) -> None:
        """Add lines, in their order. Raises ``AckordError`` where the disk cannot take them."""
        self._waiting += lines
        self._characters += sum(len(line.raw) for line in lines)
        if len(self._waiting) >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
            self._flush()

    def land(self, *, source_sha256: str, landed_at: str) -> Landing:
        """Make the lines the partition's newest version, unless the newest has the same ones.

        When this returns they are on the disk. ``source_sha256``: of what the provider sent. ``landed_at``: civil time,
        ISO 8601.
        """
        self._flush()
        digest = self._digest.hexdigest()
        before = self._before
        if before is not None and before.digest == digest and before.rows == self._written:
            self.discard()
            return Landing(before, changed=False)
        path, file, size, sha256 = self._store.staged_path(self._name), "", 0, ""
        try:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
                _sync_file(path)
                size, sha256 = path.stat().st_size, file_sha256(path)
            old = None if before is None or not before.file else self._store.folder / before.file
            added, removed = (self._written, 0)
            if before is not None:
                added, removed = changed_lines(old, path if self._written else None)
            if self._written:
                file = self._store.move(self._name, self.key.day.isoformat())
        except OSError as error:
            raise unwritable(path, f"the partition {self.key}", error, mend="give another --store") from None
        version = PartitionVersion(
            self.key, self._version, self._written, file, size, sha256, digest, source_sha256, self._sums.sums(),
            added, removed, landed_at,
        )  # fmt: skip
        self._store.catalogue.add(version)
        return Landing(version, changed=True)

    def discard(self) -> None:
        """Forget what has not landed. Does nothing after ``land``."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._store.staged_path(self._name).unlink(missing_ok=True)

    def _flush(self) -> None:
        lines, self._waiting, self._characters = self._waiting, [], 0
        if not lines:
            return
        self._digest.update("".join(ascii(line[:_STORED]) for line in lines).encode())
        self._sums.add(lines)
        path = self._store.staged_path(self._name)
        try:
            if self._writer is None:
                parquet = library("pyarrow.parquet")
                self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
            self._writer.write_table(self._table(lines))
        except OSError as error:
            raise unwritable(path, f"the partition {self.key}", error, mend="give another --store") from None
        self._written += len(lines)

    def _table(self, lines: Sequence[StatementLine]) -> Any:
        pa = library("pyarrow")
        fields, n = self._schema, len(lines)
        facts = dict(zip(StatementLine._fields, zip(*lines, strict=True), strict=True))
        facts["booked_at"] = facts.pop("booked_us")
        fixed = {
            "account": self.key.account, "day": self.key.day, "partition": self.key.partition, "version": self._version,
        }  # fmt: skip
        columns = []
        for field in fields:
            if field.name in fixed:
                columns.append(pa.repeat(pa.scalar(fixed[field.name], field.type), n))
            elif field.name == "position":
                columns.append(pa.array(range(self._written + 1, self._written + n + 1), field.type))
            else:
                columns.append(pa.array(facts[field.name], field.type))
        return pa.Table.from_arrays(columns, schema=fields)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
