"""Opens a folder of events in Parquet (``docs/PARQUET.md``): its header, and its files with their rows.

A folder is *cut* if its rows are spread over files by their orders, so that each file is a part that can be judged by
itself. ``cut_by`` says over how many: an order is in the file that ``bucket_of`` names.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.run_header import RunHeader
from ..errors import FileError
from .arrow import arrow, parquet
from .event_columns import COMMON, INTEGERS, schema

__all__ = ["HEADER", "RUN_FILE", "VERSION", "EventFolder", "bucket_of", "open_folder", "read_rows", "with_dictionaries"]

HEADER = "header.json"
RUN_FILE = "run.parquet"
"""The rows that belong to no order, in a folder that is cut."""
VERSION = 1
_TEXTS = (
    "e", "order", "vantage", "kind", "account", "fingerprint", "currency", "payee", "node", "refund_no", "variation",
    "outcome", "observation", "state", "provider_id", "detail", "movement_id",
)  # fmt: skip
"""Columns of texts that stand in many rows, which are read as dictionaries."""
_EMPTY_IS_NULL = frozenset({"account", "fingerprint", "node", "refund_no", "variation"})
_MOST_BUCKETS = 4096


def bucket_of(order: str, buckets: int) -> int:
    """Return which of a folder's files has an order's rows: CRC-32 of the number in UTF-8, modulo their count."""
    return zlib.crc32(order.encode()) % buckets


@dataclass(frozen=True, slots=True)
class EventFolder:
    """The events of one run."""

    path: Path
    header: RunHeader
    complete: bool
    events: int
    cut_by: int
    """Over how many files the orders are spread; 0: the rows are not spread by order."""

    def bucket(self, number: int) -> Path:
        """Return the file of a bucket."""
        return self.path / f"orders-{number:04d}.parquet"

    @property
    def files(self) -> list[Path]:
        """Return all files with rows."""
        if self.cut_by:
            return [self.path / RUN_FILE, *(self.bucket(i) for i in range(self.cut_by))]
        return sorted(self.path.glob("*.parquet"))


def open_folder(path: Path) -> EventFolder:
    """Open a folder. Raises ``FileError`` if it is none, its writing did not end, or a file is missing or damaged."""
    header_file = path / HEADER
    folder = _read_header(header_file)
    files = folder.files
    if not files:
        raise FileError(path, None, "holds no Parquet file", expected="*.parquet with the events of a run")
    rows = sum(_rows_in(file) for file in files)
    if rows != folder.events:
        raise FileError(
            header_file, None, f"states {folder.events:,} events, and the files hold {rows:,}",
            mend="restore the folder as it was written",
        )  # fmt: skip
    return folder


def _read_header(file: Path) -> EventFolder:
    try:
        data = json.loads(file.read_bytes())
    except OSError as error:
        raise FileError(
            file, None, f"cannot be read: {error.strerror}", expected="a folder of events in Parquet",
            mend="write it with `ackord audit JOURNAL --to-parquet DIR`; without this file its writing did not end",
        ) from error  # fmt: skip
    except ValueError as error:
        raise FileError(file, getattr(error, "lineno", None), f"is not JSON: {error}") from error
    try:
        if data["ackord"] != "events":
            raise ValueError('it is not of {"ackord": "events"}')
        if data["version"] != VERSION:
            raise ValueError(f"it is of version {data['version']!r}; this Ackord reads version {VERSION}")
        cut_by, events = int(data.get("buckets", 0)), int(data["events"])
        if not 0 <= cut_by <= _MOST_BUCKETS or events < 0:
            raise ValueError(f"buckets is from 0 to {_MOST_BUCKETS}, and events is no less than 0")
        header = RunHeader.from_json(data["header"])
        return EventFolder(file.parent, header, data["complete"] is True, events, cut_by)
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise FileError(
            file, None, f"is not the header of a run's events: {problem}", expected="see docs/PARQUET.md",
        ) from error  # fmt: skip


def _opened(file: Path) -> Any:
    try:
        return parquet().ParquetFile(file)
    except OSError as error:
        raise FileError(file, None, f"cannot be read: {error.strerror or error}", mend=_RESTORE) from error
    except (arrow().ArrowException, ValueError) as error:
        raise FileError(file, None, f"is not a Parquet file: {error}", mend=_RESTORE) from error


_RESTORE = "restore the folder as it was written"


def _rows_in(file: Path) -> int:
    """Return how many rows a file holds. Raises ``FileError`` if its columns are not those of events."""
    pa, opened = arrow(), _opened(file)
    found = opened.schema_arrow
    for name in COMMON:
        if name not in found.names:
            raise FileError(file, None, f"has no column {name}", expected="the columns of docs/PARQUET.md")
    for name, kind in zip(found.names, found.types, strict=True):
        values = kind.value_type if pa.types.is_dictionary(kind) else kind
        right = pa.types.is_integer(values) if name in INTEGERS else pa.types.is_string(values)
        right = right or (name not in INTEGERS and pa.types.is_large_string(values))
        if name in schema().names and not right:
            wanted = "whole numbers" if name in INTEGERS else "text"
            raise FileError(file, None, f"column {name} is of type {kind}", expected=wanted)
    return int(opened.metadata.num_rows)


def read_rows(file: Path, columns: Sequence[str] | None = None) -> Any:
    """Return a file's rows as a table: the ``columns`` that it has, all by default, texts as dictionaries. Of named
    columns those are left out in which nothing stands: a missing column means the same.

    Raises ``FileError`` with the row group that is damaged.
    """
    opened = _opened(file)
    wanted = [n for n in opened.schema_arrow.names if n in schema().names and (columns is None or n in columns)]
    if columns is not None:
        empty = _empty_columns(opened.metadata)
        wanted = [name for name in wanted if name not in empty]
    try:
        return with_dictionaries(file).read(wanted, use_threads=False)
    except (arrow().ArrowException, OSError, ValueError) as error:
        for group in range(opened.num_row_groups):
            try:
                opened.read_row_group(group, columns=wanted)
            except (arrow().ArrowException, OSError, ValueError) as damaged:
                problem = f"row group {group} cannot be read: {damaged}"
                raise FileError(file, None, problem, mend=_RESTORE) from error
        raise FileError(file, None, f"cannot be read: {error}", mend=_RESTORE) from error


def with_dictionaries(file: Path) -> Any:
    """Open a Parquet file so that its texts are read as dictionaries."""
    opened = parquet().ParquetFile(file)
    texts = [name for name in opened.schema_arrow.names if name in _TEXTS]
    return parquet().ParquetFile(file, metadata=opened.metadata, read_dictionary=texts)


def _empty_columns(metadata: Any) -> set[str]:
    """Return the columns in which nothing stands, by the statistics of all row groups: only nulls, or, where an empty
    text means the same as null, only empty texts. Most runs have some, and reading one takes as long as another.
    """
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    return {
        name
        for i, name in enumerate(metadata.schema.names)
        if name not in COMMON and all(_is_empty(group.column(i), name) for group in groups)
    }


def _is_empty(chunk: Any, name: str) -> bool:
    """Return whether nothing stands in this part of a column."""
    told = chunk.statistics if chunk.is_stats_set else None
    if told is None:
        return False
    if told.has_null_count and told.null_count == chunk.num_values:
        return True
    return name in _EMPTY_IS_NULL and told.has_min_max and told.max == ""
