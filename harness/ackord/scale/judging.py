"""Judges a folder of events: plans, judges its parts, adds up, and fetches the whole history of the orders to tell of.

What goes to the last step, when all parts were read: orders whose judgement asks for what all orders tell together, and
the questions about the run as a whole (was it complete, could its answers be used, did its faults take effect).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..core.history import History
from ..core.landing import LandingInterval, LandingWindow, estimate
from ..core.verdict import Verdict
from ..errors import FileError
from ..guarantees.joint_facts import JointFacts
from ..guarantees.judge import OrderJudge
from .arrow import arrow, numpy, parquet, row_numbers
from .engines import PartEngine, part_files
from .event_columns import event_of, schema
from .event_folder import EventFolder, bucket_of, open_folder, with_dictionaries
from .event_writer import buckets_for, write_tables
from .part import JudgePlan
from .row_columns import codes_of
from .run_facts import NumberedEvent, PartHistory, RunFacts
from .survey import events_of_run, survey

__all__ = ["FolderJudgement", "Progress", "cut_by_order", "cut_copy", "judge_folder", "whole_history"]

Progress = Callable[[int, int], None]
"""Called with the number of parts that are judged, and of all."""


_READERS = 4
"""Threads that fetch the orders of the findings."""


class FolderJudgement(NamedTuple):
    """The verdict on a folder of events, with what reports need beside it."""

    verdict: Verdict
    history: PartHistory
    """Of the orders that findings are about."""
    landing: LandingWindow | None
    orders: int
    operations: int
    elapsed_ns: int


@contextmanager
def cut_by_order(folder: EventFolder) -> Iterator[EventFolder]:
    """Give the folder itself if it is cut by order, else a copy that is, for as long as the context is entered."""
    if folder.cut_by:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="ackord-events-") as name:
        yield cut_copy(folder, Path(name) / "events")


def cut_copy(folder: EventFolder, target: Path) -> EventFolder:
    """Write a copy that is cut by order into a new folder. Raises as ``BucketFiles`` does."""
    buckets = buckets_for(folder.events)
    write_tables(target, _tables(folder), folder.header, complete=folder.complete, buckets=buckets)
    return open_folder(target)


def _tables(folder: EventFolder) -> Iterator[Any]:
    """Return a folder's rows in tables with all columns of ``schema``."""
    pa = arrow()
    for file in folder.files:
        opened = parquet().ParquetFile(file)
        for group in range(opened.num_row_groups):
            try:
                for batch in opened.iter_batches(
                    100_000, [group], [n for n in schema().names if n in opened.schema_arrow.names]
                ):
                    yield _with_all_columns(pa.Table.from_batches([batch]))
            except (pa.ArrowException, OSError, ValueError) as error:
                raise FileError(file, None, f"row group {group} cannot be read: {error}") from error


def _with_all_columns(table: Any) -> Any:
    pa = arrow()
    columns = [
        table.column(f.name).cast(f.type) if f.name in table.column_names else pa.nulls(table.num_rows, f.type)
        for f in schema()
    ]
    return pa.table(columns, schema=schema())


def judge_folder(
    folder: EventFolder, engine: PartEngine, progress: Progress = lambda done, of: None
) -> FolderJudgement:
    """Judge a folder that is cut by order, by every registered guarantee."""
    plan = survey(folder)
    judge, joint, facts = OrderJudge(plan.header.promises), JointFacts(varied=plan.varied), RunFacts()
    landings: list[Any] = []
    left: set[str] = set()
    of = len(part_files(folder))
    for done, part in enumerate(engine.judge(folder, plan), start=1):
        judge.merge(part.tallies)
        joint.merge(part.joint)
        facts.merge(part.facts)
        landings.append(part.landings)
        left.update(part.left)
        progress(min(done, of), of)
    if left:
        plan = replace(plan, first_words=frozenset(joint.first_words), first_op=joint.first_op)
        for part in engine.judge(folder, plan, _files_of(folder, left)):
            judge.merge(part.tallies)
    numbers = {finding.order for tally in judge.tallies for _, finding in tally.findings}
    with ThreadPoolExecutor(_READERS) as readers:  # Arrow reads while Python estimates the landing window
        chosen = _files_of(folder, numbers).items()
        fetched = [readers.submit(_events_in, file, orders) for file, orders in chosen]
        landing = _landing(landings, plan)
        history = _history(folder, plan, facts, [numbered for each in fetched for numbered in each.result()])
    return FolderJudgement(
        judge.verdict(history, joint), history, landing, joint.orders, facts.operations, facts.elapsed_ns
    )


def _files_of(folder: EventFolder, orders: Collection[str]) -> dict[Path, set[str]]:
    files: dict[Path, set[str]] = {}
    for order in orders:
        files.setdefault(folder.bucket(bucket_of(order, folder.cut_by)), set()).add(order)
    return files


def _landing(found: list[Any], plan: JudgePlan) -> LandingWindow | None:
    """Estimate the landing window from rows of (rank, rank, left, right or -1, asked, lost)."""
    np = numpy()
    rows = np.concatenate(found)
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    return estimate(
        (LandingInterval(a, None if b < 0 else b, c, bool(d)) for a, b, c, d in rows[:, 2:].tolist()),
        at_once_ns=plan.header.exposure_window_ns,
    )


def _history(folder: EventFolder, plan: JudgePlan, facts: RunFacts, of_orders: list[NumberedEvent]) -> PartHistory:
    events = [*events_of_run(folder), *of_orders]
    events.sort(key=lambda numbered: numbered[0])
    return PartHistory(plan.header, [event for _, event in events], facts, complete=plan.complete)


def _events_in(file: Path, orders: Collection[str]) -> list[NumberedEvent]:
    return list(_fetched(file, orders))


def _fetched(file: Path, orders: Collection[str] | None) -> Iterator[NumberedEvent]:
    """Return the events of some orders, or all of a file, with the raw answers."""
    pa = arrow()
    opened = with_dictionaries(file)
    for group in range(opened.num_row_groups):
        try:
            chosen = None if orders is None else _rows_about(opened, group, orders)
            if chosen is not None and not len(chosen):
                continue
            table = opened.read_row_group(group, use_threads=False)
            table = table if chosen is None else table.take(row_numbers(chosen))
            rows = _with_all_columns(table).to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise FileError(file, None, f"row group {group} cannot be read: {error}") from error
        for row in rows:
            try:
                yield row["seq"], event_of(row)
            except (KeyError, TypeError, ValueError) as error:
                problem = f"row group {group}, event {row['seq']}: is no event ({type(error).__name__}: {error})"
                raise FileError(file, None, problem, expected="rows as docs/PARQUET.md says") from error


def _rows_about(opened: Any, group: int, orders: Collection[str]) -> Any:
    """Return the numbers of a row group's rows about some orders."""
    codes, texts = codes_of(opened.read_row_group(group, columns=["order"]).column("order"))
    return numpy().flatnonzero(numpy().isin(codes, [code for code, text in enumerate(texts[:-1]) if text in orders]))


def whole_history(folder: EventFolder) -> History:
    """Read all events of a folder into memory."""
    events = [numbered for file in folder.files for numbered in _fetched(file, None)]
    events.sort(key=lambda numbered: numbered[0])
    return History(folder.header, [event for _, event in events], complete=folder.complete)
