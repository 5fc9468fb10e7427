"""Runs Ibis expressions on an engine: DuckDB in this process, or Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..contract.base.extras import library
from ..errors import EnvironmentFailed, UsageError
from ..host.spark_session import is_spark_master, spark_session

__all__ = ["Engine", "engine_named"]


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

    def __init__(self, master: str) -> None:
        """Raises ``EnvironmentFailed`` where Spark cannot be reached, ``UsageError`` without pyspark."""
        self.name = master
        # With ANSI rules an overflow is an error, never a wrong number.
        self._session = spark_session(master, "ackord reconcile", {"spark.sql.ansi.enabled": "true"})
        try:
            self.backend = library("ibis").pyspark.connect(self._session)
        except Exception as error:  # whatever Java and the network raise
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise EnvironmentFailed(f"--engine {master}: Spark cannot be reached: {said}") from error

    def table(self, path: Path) -> Any:
        return self.backend.read_parquet(str(path))

    def save(self, relation: Any, path: Path) -> None:
        self.backend.to_parquet_dir(relation, str(path))

    def close(self) -> None:
        self._session.stop()


def engine_named(name: str, duck: Any) -> Engine:
    """Return the engine of ``--engine``. Raises ``UsageError`` for a name that is none, or without its package;
    ``EnvironmentFailed`` where it cannot be reached.
    """
    if name == "duckdb":
        return Engine(duck)
    if is_spark_master(name):
        return SparkEngine(name)
    raise UsageError(f"--engine {name}: expected duckdb, or a Spark master such as spark://host:7077 or local[*]")
