"""Runs Ibis expressions on an engine: DuckDB in this process, or Spark."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..contract.base.extras import library
from ..errors import UsageError
from ..host.spark_session import is_spark_master, spark_failure, spark_session

__all__ = ["Engine", "engine_named", "sums_too_large"]

_OVERFLOWS = ("OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE")
"""In the conditions of Spark's errors."""


class Engine:
    """An engine that reads and writes Parquet."""

    name = "duckdb"

    def __init__(self, duck: Any) -> None:
        """``duck``: the connection that read the inputs; see ``workspace``."""
        self.backend = library("ibis").duckdb.from_connection(duck)

    def table(self, path: Path) -> Any:
        """Return a Parquet file, or a folder of such files, as a relation."""
        return self.backend.read_parquet(str(path / "*.parquet" if path.is_dir() else path))

    def save(self, relation: Any, path: Path) -> None:
        """Write a relation as Parquet: a file, or a folder of files."""
        self.backend.to_parquet(relation, str(path), compression="lz4_raw")

    def rows(self, relation: Any) -> list[dict[str, Any]]:
        """Return a small relation as rows."""
        found: list[dict[str, Any]] = self.backend.to_pyarrow(relation).to_pylist()
        return found

    def close(self) -> None:
        """Leave the engine; DuckDB's connection is its owner's."""


class SparkEngine(Engine):
    """Spark, through the package pyspark. Its workers read the inputs from the folder of work, so they must see it."""

    def __init__(self, master: str, work: Path, memory_mib: int) -> None:
        """Raises ``EnvironmentFailed`` where Spark cannot be reached, ``UsageError`` without pyspark or Java."""
        self.name = master
        settings = {}
        if master.startswith("local"):  # a cluster has settings of its own
            settings = {
                "spark.driver.memory": f"{memory_mib}m", "spark.local.dir": str(work),
                "spark.sql.warehouse.dir": str(work / "warehouse"),
            }  # fmt: skip
        self._session = spark_session(master, "ackord reconcile", settings)
        with _quiet():
            self.backend = library("ibis").pyspark.connect(self._session)

    def table(self, path: Path) -> Any:
        with self._translated():
            return self.backend.read_parquet(str(path))

    def save(self, relation: Any, path: Path) -> None:
        with self._translated():
            self.backend.to_parquet_dir(relation, str(path))

    def rows(self, relation: Any) -> list[dict[str, Any]]:
        with self._translated():
            return [row.asDict() for row in self._session.sql(self.backend.compile(relation)).collect()]

    def close(self) -> None:
        self._session.stop()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with _quiet():
                yield
        except Exception as error:  # whatever Java and the network raise
            if any(word in str(error) for word in _OVERFLOWS):
                raise sums_too_large("an overflow on Spark") from error
            raise spark_failure(self.name, error) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what pyspark says of other libraries' versions: it is nothing to act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def sums_too_large(said: str) -> UsageError:
    """Return the error for amounts of one order number that no 64-bit integer holds."""
    return UsageError(f"amounts add up to more than 64-bit minor units: {said}\n  expected: less of one order number")


def engine_named(name: str, duck: Any, work: Path, memory_mib: int) -> Engine:
    """Return the engine of ``--engine``. ``work``: a folder that its workers see. ``memory_mib``: for Spark in this
    machine. Raises ``UsageError`` for a name that is none, or without its package; ``EnvironmentFailed`` where it
    cannot be reached.
    """
    if name == "duckdb":
        return Engine(duck)
    if is_spark_master(name):
        return SparkEngine(name, work, memory_mib)
    raise UsageError(f"--engine {name}: expected duckdb, or a Spark master such as spark://host:7077 or local[*]")
