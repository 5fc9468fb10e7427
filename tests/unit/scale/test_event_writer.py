"""A folder is written whole or without a header, and each order has one file."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ackord.core.event import Begin
from ackord.errors import FileError, UsageError
from ackord.scale.event_folder import HEADER, bucket_of, open_folder
from ackord.scale.event_writer import EVENTS_A_BUCKET, EventWriter, buckets_for
from ackord.scale.judging import whole_history

from .folders import written
from .planted import planted_history

HISTORY = planted_history(3, 20)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = written(HISTORY, tmp_path / "events", buckets=4)
    again = whole_history(open_folder(path))
    assert (again.events, again.header, again.complete) == (HISTORY.events, HISTORY.header, HISTORY.complete)


def test_each_order_has_one_file(tmp_path: Path) -> None:
    path = written(HISTORY, tmp_path / "events", buckets=4)
    for i in range(4):
        orders = set(pq.read_table(path / f"orders-{i:04d}.parquet").column("order").to_pylist())
        assert {bucket_of(order, 4) for order in orders} <= {i}
    assert set(pq.read_table(path / "run.parquet").column("order").to_pylist()) <= {""}


def test_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="is not empty"):
        EventWriter(tmp_path, HISTORY.header)


def test_an_error_leaves_no_header(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), EventWriter(tmp_path / "events", HISTORY.header) as writer:
        writer.add(HISTORY.events[0])
        raise RuntimeError
    assert not (tmp_path / "events" / HEADER).exists()


def test_an_operation_about_two_orders(tmp_path: Path) -> None:
    begin = next(e for e in HISTORY.events if isinstance(e, Begin))
    with (
        pytest.raises(FileError, match=f"operation {begin.op} is about order"),
        EventWriter(tmp_path / "events", HISTORY.header) as writer,
    ):
        writer.add(begin)
        writer.add(begin._replace(order="another"))


def test_an_amount_that_does_not_fit(tmp_path: Path) -> None:
    begin = next(e for e in HISTORY.events if isinstance(e, Begin))
    with pytest.raises(FileError, match="does not fit"), EventWriter(tmp_path / "events", HISTORY.header) as writer:
        writer.add(begin._replace(amount_minor=2**70))


def test_how_many_files() -> None:
    assert [buckets_for(n) for n in (0, EVENTS_A_BUCKET, EVENTS_A_BUCKET + 1, 10**7, 10**8)] == [1, 1, 2, 32, 256]
