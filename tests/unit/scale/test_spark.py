"""Batches of Spark are put together to tables of whole orders; test_engines.py judges on a real Spark."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pytest

from ackord.scale import spark
from ackord.scale.spark import _judge_batches, _whole_orders


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_no_order_is_in_two_tables(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(spark, "_ROWS_AT_ONCE", 10)
    orders = [f"o{i:02d}" for i in range(9) for _ in range(1 + i * i % 12)]
    rows = pa.table({"order": orders})
    tables = list(_whole_orders(iter(rows.to_batches(max_chunksize=size))))
    found = [table.column("order").to_pylist() for table in tables]
    assert [order for some in found for order in some] == orders
    assert sum(len(set(some)) for some in found) == len(set(orders))


def test_an_error_comes_back_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = pa.record_batch({"seq": [1], "e": ["begin"], "at_ns": [1], "order": ["a"]})
    from ackord.scale.part import JudgePlan

    from ..guarantees.build import history

    plan = JudgePlan(history().header, True, [], 0, False)
    (told,) = _judge_batches(pickle.dumps((plan, None)), iter([batch]))
    error = pickle.loads(told.column(0)[0].as_py())
    assert str(error).startswith("a partition of Spark: event 1: None is no vantage")
