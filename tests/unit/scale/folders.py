"""Writes histories as folders of events in Parquet."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ackord.core.history import History
from ackord.scale.event_columns import schema
from ackord.scale.event_folder import HEADER
from ackord.scale.event_writer import EVENTS_A_BUCKET, EventWriter

__all__ = ["written"]


def written(history: History, folder: Path, *, cut: bool = True, buckets: int = 1) -> Path:
    """Write a history; ``cut=False``: as another program would, in files of which none is for one order."""
    expected = buckets * EVENTS_A_BUCKET
    with EventWriter(folder, history.header, expected=expected) as writer:
        writer.complete = history.complete
        for event in history.events:
            writer.add(event)
    if not cut:
        _mix(folder)
    return folder


def _mix(folder: Path) -> None:
    files = sorted(folder.glob("*.parquet"))
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    for file in files:
        file.unlink()
    for i in range(3):
        pq.write_table(pa.Table.from_pylist(rows[i::3], schema()), folder / f"part-{i}.parquet", row_group_size=7)
    header = json.loads((folder / HEADER).read_text())
    del header["buckets"]
    (folder / HEADER).write_text(json.dumps(header))
