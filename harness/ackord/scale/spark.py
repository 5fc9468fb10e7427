"""Judges the parts of a folder on Spark: repartitioned by order, sorted, and given to ``judge_part`` by ``mapInArrow``.

The workers run this Python's code, and read the folder, so they must see both.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import EnvironmentFailed, FileError
from ..host.spark_session import spark_session
from .arrow import arrow, numpy, parquet
from .engines import part_files, read_part
from .event_folder import EventFolder
from .part import JUDGED_COLUMNS, JudgePlan, PartJudgement, judge_part

__all__ = ["SparkParts"]

_ROWS_AT_ONCE = 400_000
"""Rows of whole orders that a worker judges at once: what it holds in memory."""
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
    "spark.sql.parquet.mergeSchema": "false",
}


class SparkParts:
    """Judges on Spark."""

    def __init__(self, master: str) -> None:
        """Raises ``UsageError`` without pyspark, ``EnvironmentFailed`` where Spark cannot be reached."""
        self._master = master
        self._session = spark_session(master, "ackord audit", _SETTINGS)

    def judge(
        self, folder: EventFolder, plan: JudgePlan, only: Mapping[Path, Set[str]] | None = None
    ) -> Iterator[PartJudgement]:
        """Judge all orders, or some. Raises ``FileError`` for rows that are no events."""
        *files, run_file = part_files(folder)
        orders = None if only is None else {order for chosen in only.values() for order in chosen}
        names = [name for name in JUDGED_COLUMNS if all(name in _columns(file) for file in files)]
        rows = self._session.read.parquet(*map(str, files if only is None else only)).select(*names)
        if orders is not None:
            rows = rows.filter(rows["order"].isin(sorted(orders)))
        parts = max(self._session.sparkContext.defaultParallelism, -(-folder.events // (2 * _ROWS_AT_ONCE)))
        cut = rows.repartition(parts, "order").sortWithinPartitions("order", "seq")
        try:
            judged = cut.mapInArrow(_judge_with(plan, orders), "judgement binary")
            for row in judged.toLocalIterator(prefetchPartitions=True):
                found = pickle.loads(row["judgement"])
                if isinstance(found, FileError):
                    raise found
                yield found
        except FileError:
            raise
        except Exception as error:  # whatever Java and the network raise
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise EnvironmentFailed(f"--engine {self._master}: Spark failed: {said}") from error
        if orders is None:
            yield judge_part(read_part(run_file, folder.cut_by), plan, str(run_file))

    def close(self) -> None:
        """End the session."""
        self._session.stop()


def _columns(file: Path) -> list[str]:
    return parquet().ParquetFile(file).schema_arrow.names  # type: ignore[no-any-return]


def _judge_with(plan: JudgePlan, only: Set[str] | None) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Return what a worker of Spark does with the batches of its partition."""
    return partial(_judge_batches, pickle.dumps((plan, only)))


def _judge_batches(told: bytes, batches: Iterator[Any]) -> Iterator[Any]:
    plan, only = pickle.loads(told)
    pa = arrow()
    for table in _whole_orders(batches):
        try:
            found: object = judge_part(table, plan, "a partition of Spark", only)
        except FileError as error:
            found = error
        yield pa.RecordBatch.from_arrays([pa.array([pickle.dumps(found)], pa.binary())], ["judgement"])


def _whole_orders(batches: Iterable[Any]) -> Iterator[Any]:
    """Return tables of whole orders, of at least so many rows; the rows of an order follow one another."""
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= _ROWS_AT_ONCE:
            table = arrow().Table.from_batches(waiting)
            orders = table.column("order")
            codes = orders.dictionary_encode().unify_dictionaries().combine_chunks().indices.to_numpy()
            begin = int(numpy().flatnonzero(codes != codes[-1])[-1]) + 1 if (codes != codes[-1]).any() else 0
            if begin:
                yield table.slice(0, begin)
            tail = table.slice(begin)
            waiting, rows = tail.to_batches(), tail.num_rows
    if rows:
        yield arrow().Table.from_batches(waiting)
