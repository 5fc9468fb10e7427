"""Writes the events of a run as a folder of Parquet files, cut by order; the header comes last.

Memory is bounded: rows wait in Arrow's form until a file has enough of them for a row group. What grows with the run is
one number for each operation and one text for each order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from ..core.event import Begin, Complete, Event, FaultChange
from ..core.operation_numbers import OperationNumbers
from ..core.run_header import RunHeader
from ..errors import FileError, UsageError, unwritable
from .arrow import arrow, compute, numpy, parquet
from .event_columns import schema, table_of
from .event_folder import HEADER, RUN_FILE, VERSION, bucket_of

__all__ = ["EVENTS_A_BUCKET", "EventWriter", "buckets_for", "write_tables"]

EVENTS_A_BUCKET = 500_000
"""About how many events one file should have: what one process judges at once."""
_CHUNK = 20_000
_ROWS_WAITING = 2_000_000
_FEWEST_ROWS, _MOST_ROWS = 8_000, 250_000
_ROWS_A_GROUP = 32_768
"""An order's rows stand close together, so its history is found in one or two groups."""
_MOST_WAITING_BYTES = 192 << 20
"""Of rows, which are long where they have raw answers."""


def buckets_for(events: int) -> int:
    """Return over how many files so many events are spread."""
    buckets = 1
    while buckets * EVENTS_A_BUCKET < events and buckets < 1024:
        buckets *= 2
    return buckets


class BucketFiles:
    """The open files of a folder that is cut by order."""

    def __init__(self, folder: Path, buckets: int) -> None:
        """Raises ``UsageError`` if the folder holds something already, ``FileError`` if it cannot be made."""
        self._folder, self._buckets = folder, buckets
        self._most = min(_MOST_ROWS, max(_FEWEST_ROWS, _ROWS_WAITING // buckets))
        self._waiting: list[list[Any]] = [[] for _ in range(buckets + 1)]
        self._rows = [0] * (buckets + 1)
        self._waiting_bytes = 0
        self.events = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise UsageError(f"{folder} is not empty.\n  mend: name a new folder, or remove what is in it")
        except OSError as error:
            raise unwritable(folder, "the folder", error) from error
        names = [*(f"orders-{i:04d}.parquet" for i in range(buckets)), RUN_FILE]
        self._paths = [folder / name for name in names]
        self._open = [self._writer(path) for path in self._paths]

    def _writer(self, path: Path) -> Any:
        try:
            return parquet().ParquetWriter(path, schema(), compression="zstd", compression_level=1)
        except OSError as error:
            raise unwritable(path, "the events", error) from error

    def add(self, table: Any) -> None:
        """Spread a table's rows, in the sequence of recording, over the files."""
        np, pa, pc = numpy(), arrow(), compute()
        orders = table.column("order").combine_chunks().dictionary_encode()
        if isinstance(orders, pa.ChunkedArray):
            orders = orders.unify_dictionaries().combine_chunks()
        of_order = [bucket_of(o, self._buckets) if o else self._buckets for o in orders.dictionary.to_pylist()]
        bucket = np.array([*of_order, self._buckets])[pc.fill_null(orders.indices, len(of_order)).to_numpy()]
        by_bucket = np.argsort(bucket, kind="stable")
        cuts = np.searchsorted(bucket[by_bucket], np.arange(self._buckets + 2))
        spread = table.take(pa.array(by_bucket))
        for i in range(self._buckets + 1):
            start, end = int(cuts[i]), int(cuts[i + 1])
            if end > start:
                self._waiting[i].append(spread.slice(start, end - start))
                self._rows[i] += end - start
                if self._rows[i] >= self._most:
                    self._flush(i)
        self.events += table.num_rows
        self._waiting_bytes += spread.nbytes
        if self._waiting_bytes >= _MOST_WAITING_BYTES:
            self._waiting_bytes = 0
            for i in range(self._buckets + 1):
                self._flush(i)

    def _flush(self, bucket: int) -> None:
        if self._waiting[bucket]:
            table = arrow().concat_tables(self._waiting[bucket])
            self._waiting[bucket], self._rows[bucket] = [], 0
            try:
                self._open[bucket].write_table(table, row_group_size=_ROWS_A_GROUP)
            except OSError as error:
                raise unwritable(self._paths[bucket], "the events", error) from error

    def close(self, header: RunHeader, *, complete: bool) -> None:
        """Write what waits, and the header."""
        for i, writer in enumerate(self._open):
            self._flush(i)
            writer.close()
        told = {
            "ackord": "events", "version": VERSION, "buckets": self._buckets, "events": self.events,
            "complete": complete, "header": header.to_json(),
        }  # fmt: skip
        path = self._folder / HEADER
        try:
            path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise unwritable(path, "the header", error) from error

    def abandon(self) -> None:
        """Close the files without a header: the folder counts as not written."""
        for writer in self._open:
            writer.close()


def write_tables(folder: Path, tables: Iterable[Any], header: RunHeader, *, complete: bool, buckets: int) -> None:
    """Write tables with the columns of ``schema``, in the sequence of recording, as a folder that is cut by order."""
    files = BucketFiles(folder, buckets)
    try:
        for table in tables:
            files.add(table)
    except BaseException:
        files.abandon()
        raise
    files.close(header, complete=complete)


class EventWriter:
    """Writes a run's events in the sequence of recording; used as a context, which leaves no header after an error."""

    def __init__(self, folder: Path, header: RunHeader, *, expected: int = 0) -> None:
        """``expected``: about how many events will come. Raises as ``BucketFiles`` does."""
        self._header, self._folder = header, folder
        self._files = BucketFiles(folder, buckets_for(expected))
        self._rows: list[tuple[int, str, Event]] = []
        self._orders: dict[str, int] = {}
        self._names: list[str] = []
        self._of_op = OperationNumbers()
        self._seq = 0
        self.complete = True
        """Whether the run came to its end; set to false where it was cut off."""

    def add(self, event: Event) -> None:
        """Append an event. Raises ``FileError`` for one that cannot be a row."""
        order = getattr(event, "order", "")
        if isinstance(event, Begin):
            self._know(event.op, order)
        elif isinstance(event, Complete) or (isinstance(event, FaultChange) and event.change == "fired"):
            order = self._order_of(event.op)
        self._rows.append((self._seq, order, event))
        self._seq += 1
        if len(self._rows) >= _CHUNK:
            self._flush()

    def _know(self, op: int, order: str) -> None:
        number = self._orders.setdefault(order, len(self._names))
        if number == len(self._names):
            self._names.append(order)
        known = self._of_op.get(op)
        self._of_op.put(op, number)
        if known not in (-1, number):
            raise self._bad(f"operation {op} is about order {order!r} and about {self._names[known]!r}")

    def _order_of(self, op: int) -> str:
        number = self._of_op.get(op)
        return "" if number < 0 else self._names[number]

    def _bad(self, problem: str) -> FileError:
        return FileError(self._folder, None, f"event {self._seq} cannot be written: {problem}")

    def _flush(self) -> None:
        if self._rows:
            rows, self._rows = self._rows, []
            try:
                self._files.add(table_of(rows))
            except (OverflowError, UnicodeError, arrow().ArrowException) as error:
                raise self._bad(f"it or one of the {len(rows):,} before it does not fit: {error}") from error

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is not None:
            self._files.abandon()
            return
        self._flush()
        self._files.close(self._header, complete=self.complete)
