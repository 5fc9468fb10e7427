"""Findings come with the whole history of their orders, the raw answers too."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ackord.core.event import Complete
from ackord.core.history import History
from ackord.errors import FileError
from ackord.guarantees.judge import judge
from ackord.scale.engines import InProcess
from ackord.scale.event_columns import COMMON
from ackord.scale.event_folder import open_folder
from ackord.scale.judging import judge_folder, whole_history

from ..guarantees.build import history, order
from .folders import written


def test_the_orders_of_findings_are_whole(tmp_path: Path) -> None:
    told = history(order("A").submit(0, 5).query(6, 7, "NOT_FOUND"), order("B").submit(0, 5).query(6, 7))
    answer = {"status": 404, "headers": {}, "body": "{}"}
    events = [e._replace(answer=answer) if isinstance(e, Complete) else e for e in told.events]
    told = History(told.header, events)
    found = judge_folder(open_folder(written(told, tmp_path / "events")), InProcess())
    assert [o.number for o in found.history.orders] == ["A"] and found.orders == 2 and found.operations == 4
    assert [e for e in found.history.events if isinstance(e, Complete)] == [
        e for e in told.events if isinstance(e, Complete) and e.op in {x.op for x in found.history.orders[0].exchanges}
    ]
    assert found.elapsed_ns == told.events[-1].at_ns - told.events[0].at_ns


def test_a_whole_run_is_read_from_any_folder(tmp_path: Path) -> None:
    told = history(order("A").submit(0, 5), healed=9)
    assert whole_history(open_folder(written(told, tmp_path / "events", cut=False))).events == told.events


def test_an_empty_run(tmp_path: Path) -> None:
    found = judge_folder(open_folder(written(history(), tmp_path / "events")), InProcess())
    assert "the history holds no orders" in found.verdict.notes and found.landing is None


def test_progress(tmp_path: Path) -> None:
    told = list[tuple[int, int]]()
    folder = open_folder(written(history(order("A").submit(0, 5)), tmp_path / "events", buckets=2))
    judge_folder(folder, InProcess(), lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_row_that_is_no_event(tmp_path: Path) -> None:
    path = written(history(order("A").submit(0, 5), healed=9), tmp_path / "events")
    rows = pq.read_table(path / "run.parquet")
    data = rows.set_column(rows.schema.get_field_index("data"), rows.schema.field("data"), [["{"]])
    pq.write_table(data, path / "run.parquet")
    with pytest.raises(FileError, match=r"run\.parquet: event \d+: is no event \(JSONDecodeError"):
        judge_folder(open_folder(path), InProcess())


def test_files_without_the_columns_that_no_row_needs(tmp_path: Path) -> None:
    """Another program may leave them out; the orders of findings are read again from the same files."""
    told = history(order("A").submit(0, 5).query(6, 7, "NOT_FOUND"), order("B").submit(0, 5).query(6, 7))
    path = written(told, tmp_path / "events")
    for file in path.glob("*.parquet"):
        rows = pq.read_table(file)
        kept = [n for n in rows.column_names if n in COMMON or rows.column(n).null_count < rows.num_rows]
        pq.write_table(rows.select(kept), file)
    found = judge_folder(open_folder(path), InProcess())
    assert repr(found.verdict) == repr(judge(told)) and [o.number for o in found.history.orders] == ["A"]
