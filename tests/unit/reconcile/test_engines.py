"""An engine that is not there is a clear error."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from ackord.errors import AckordError, UsageError
from ackord.reconcile.engines import engine_named


def test_duckdb_saves_and_reads(tmp_path: Path) -> None:
    duck = duckdb.connect(":memory:")
    duck.execute("CREATE TABLE x AS SELECT 7 AS n")
    engine = engine_named("duckdb", duck)
    engine.save(engine.backend.table("x"), tmp_path / "x.parquet")
    assert engine.rows(engine.table(tmp_path / "x.parquet")) == [{"n": 7}]


def test_an_unknown_engine() -> None:
    with pytest.raises(UsageError, match="expected duckdb, or a Spark master"):
        engine_named("oracle", duckdb.connect())


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is installed")
def test_spark_without_its_package() -> None:
    with pytest.raises(AckordError, match="pip install pyspark"):
        engine_named("local[*]", duckdb.connect())
