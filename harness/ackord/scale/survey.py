"""Reads what judging a part needs of the whole run, without reading the rows of its orders.

Most of it is in the file of rows that belong to no order. The rest is in the statistics of the files, in their last
rows, and, where callbacks name only the provider's identifier, in the column of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..core.event import CallbackReceived
from ..guarantees.declared_notes import tries_variations
from ..guarantees.judge import LAST_EVENTS, last_ns
from .arrow import arrow, compute, parquet
from .event_folder import RUN_FILE, EventFolder, read_rows
from .part import JUDGED_COLUMNS, JudgePlan, in_sequence, other_events
from .row_columns import RowColumns
from .run_facts import NumberedEvent

__all__ = ["events_of_run", "survey"]


def survey(folder: EventFolder) -> JudgePlan:
    """Return the plan of judging a folder that is cut by order. Raises ``FileError`` for rows that are no events."""
    events = events_of_run(folder)
    files = folder.files
    varied = tries_variations(folder.header.exposes) or any(map(_may_vary, files))
    return JudgePlan(
        header=folder.header,
        complete=folder.complete,
        events=[event for _, event in events],
        end_ns=last_ns([at_ns for _, at_ns in _last_rows(files)]),
        varied=varied,
        called=_called(folder, events),
    )


def events_of_run(folder: EventFolder) -> list[NumberedEvent]:
    """Return the events that belong to no order, and are no operations, in the sequence of recording."""
    file = folder.path / RUN_FILE
    table = in_sequence(read_rows(file, JUDGED_COLUMNS), str(file))
    return other_events(RowColumns(table, str(file)), table)


def _groups(file: Path, column: str) -> Iterable[tuple[int, Any]]:
    """Return each row group's number and its statistics of a column; ``None``: it has none."""
    meta = parquet().ParquetFile(file).metadata
    for group in range(meta.num_row_groups):
        rows = meta.row_group(group)
        if rows.num_rows:
            found = (rows.column(i) for i in range(rows.num_columns))
            chunk = next((c for c in found if c.path_in_schema == column), None)
            yield group, chunk.statistics if chunk is not None else None


def _may_vary(file: Path) -> bool:
    """Whether some request in a file may have a variation."""
    if "variation" not in parquet().ParquetFile(file).schema_arrow.names:
        return False
    return any(
        found is None or (found.max != "" if found.has_min_max else found.num_values > 0)
        for _, found in _groups(file, "variation")
    )


def _last_rows(files: Iterable[Path]) -> list[tuple[int, int]]:
    """Return (number, instant) of the last events of a run, in the sequence of recording."""
    groups = []
    for file in files:
        for group, found in _groups(file, "seq"):
            groups.append((found.max if found is not None and found.has_min_max else 1 << 62, str(file), group))
    groups.sort(reverse=True)
    last: list[tuple[int, int]] = []
    for highest, name, group in groups:
        if len(last) >= LAST_EVENTS and highest < last[0][0]:
            break
        table = parquet().ParquetFile(name).read_row_group(group, columns=["seq", "at_ns"])
        table = table.sort_by("seq").slice(max(0, table.num_rows - LAST_EVENTS))
        rows = zip(table.column("seq").to_pylist(), table.column("at_ns").to_pylist(), strict=True)
        last = sorted([*last, *rows])[-LAST_EVENTS:]
    return last


def _called(folder: EventFolder, events: Iterable[NumberedEvent]) -> dict[str, list[NumberedEvent]]:
    """Return the callbacks that name only the provider's identifier, by the order that was given it last. What is not
    genuine names nothing.
    """
    unnamed = [
        (seq, e) for seq, e in events
        if isinstance(e, CallbackReceived) and not e.order and not e.problem and e.provider_id is not None
    ]  # fmt: skip
    if not unnamed:
        return {}
    wanted = {e.provider_id for _, e in unnamed}
    known: dict[str, tuple[int, str]] = {}
    for number in range(folder.cut_by):
        for provider_id, seq, order in _given(folder, folder.bucket(number), wanted):
            known[provider_id] = max(known.get(provider_id, (-1, "")), (seq, order))
    called: dict[str, list[NumberedEvent]] = {}
    for seq, e in unnamed:
        if e.provider_id in known:
            called.setdefault(known[e.provider_id][1], []).append((seq, e))
    return called


def _given(folder: EventFolder, file: Path, wanted: Iterable[str | None]) -> Iterable[tuple[str, int, str]]:
    """Return (identifier, number of the event, order) of answers with these identifiers at the judged vantage."""
    pc = compute()
    table = read_rows(file, ("e", "vantage", "provider_id", "seq", "order"))
    if "provider_id" not in table.column_names or "vantage" not in table.column_names:
        return ()
    texts = {name: table.column(name).cast(arrow().string()) for name in ("e", "vantage", "provider_id")}
    chosen = pc.is_in(texts["provider_id"], arrow().array(sorted(filter(None, wanted)), arrow().string()))
    chosen = pc.and_(chosen, pc.equal(texts["e"], "complete"))
    chosen = pc.and_(chosen, pc.equal(texts["vantage"], str(folder.header.vantage)))
    found = table.filter(pc.fill_null(chosen, False)).select(["provider_id", "seq", "order"])
    return [tuple(row.values()) for row in found.to_pylist()]
