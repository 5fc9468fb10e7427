"""DuckDB and Spark run the same expressions to the same rows, and an engine that is not there is a clear error."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ackord.errors import UsageError
from ackord.host.spark_session import missing_for_spark
from ackord.reconcile.classes import DIFFERENCES
from ackord.reconcile.engines import engine_named
from ackord.reconcile.reconciliation import reconciled, relation_of
from tests.unit.reconcile.support import NEXT_DAY, SmallLine, SmallOrder, counted, written
from tests.unit.reconcile.test_reconciliation import EACH, planted

LACKING = missing_for_spark()


def test_duckdb_saves_and_reads(tmp_path: Path) -> None:
    duck = duckdb.connect(":memory:")
    duck.execute("CREATE TABLE x AS SELECT 7 AS n")
    engine = engine_named("duckdb", duck, tmp_path, 256)
    engine.save(engine.backend.table("x"), tmp_path / "x.parquet")
    assert engine.rows(engine.table(tmp_path / "x.parquet")) == [{"n": 7}]


def test_an_unknown_engine(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected duckdb, or a Spark master"):
        engine_named("oracle", duckdb.connect(), tmp_path, 256)


@pytest.mark.full
@pytest.mark.skipif(bool(LACKING), reason=f"Spark needs {LACKING}")
def test_spark_finds_the_differences_that_duckdb_finds_and_none_else(tmp_path: Path) -> None:
    orders, lines = planted(2_000)
    orders += [SmallOrder("later", "N", state=0), SmallOrder("a1", "no line", state=0)]
    lines += [SmallLine("a0", ""), SmallLine("a0", "", "Fee"), SmallLine("a0", "unheard of", day=NEXT_DAY)]
    found = {}
    for engine in ("duckdb", "local[2]"):
        with reconciled(written(tmp_path, orders, lines, engine=engine)) as (result, duck, path):
            rows = duck.execute(f"SELECT * FROM {relation_of(path)} ORDER BY ALL").fetchall()
        sums = (result.orders, result.lines, result.order_classes, result.line_classes)
        found[engine] = (counted(result), rows, sums, result.rows)
    assert found["local[2]"] == found["duckdb"]
    each = {str(group): EACH for group in DIFFERENCES}
    counts = found["local[2]"][0]
    assert counts == {**each, "phantom": EACH + 2, "unsettled": EACH + 2, "matched": counts["matched"]}


@pytest.mark.full
@pytest.mark.skipif(bool(LACKING), reason=f"Spark needs {LACKING}")
def test_spark_says_what_is_wrong_with_the_input(tmp_path: Path) -> None:
    line = SmallLine("a", "N", amount_minor=2**63 - 1)
    for orders, lines, said in (
        ([SmallOrder("a", "N")], [line, line], "64-bit"),
        ([SmallOrder("a", "N")] * 2, [], "'N' stands twice: rows 1, 2"),
    ):
        with (
            pytest.raises(UsageError, match=said),
            reconciled(written(tmp_path, orders, lines, engine="local[1]")),
        ):
            pytest.fail("it is no result")
