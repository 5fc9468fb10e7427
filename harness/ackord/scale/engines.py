"""Judges the parts of a folder in this process or over worker processes; ``spark.py`` does on Spark.

All of them call ``judge_part``, and the sum of its results does not depend on who made them or in which sequence they
come.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Protocol

from ..errors import EnvironmentFailed, FileError
from .event_folder import RUN_FILE, EventFolder, bucket_of, read_rows
from .part import JUDGED_COLUMNS, JudgePlan, PartJudgement, judge_part

__all__ = ["InProcess", "PartEngine", "WorkerProcesses", "part_files", "read_part"]


class PartEngine(Protocol):
    """Judges all parts of a folder."""

    def judge(
        self, folder: EventFolder, plan: JudgePlan, only: Mapping[Path, Set[str]] | None = None
    ) -> Iterator[PartJudgement]:
        """Judge every file of a folder that is cut by order, or of some files some orders."""
        ...

    def close(self) -> None: ...


def part_files(folder: EventFolder) -> list[Path]:
    """Return the files of a folder that is cut by order, each of which is a part."""
    return [*(folder.bucket(i) for i in range(folder.cut_by)), folder.path / RUN_FILE]


def read_part(file: Path, cut_by: int) -> Any:
    """Return the table of a part. Raises ``FileError`` if an order is in it that belongs elsewhere: a part without all
    rows of its orders would be judged wrongly.
    """
    table = read_rows(file, JUDGED_COLUMNS)
    bucket = None if file.name == RUN_FILE else int(file.stem.rpartition("-")[2])
    for chunk in table.column("order").chunks:
        for order in chunk.dictionary.to_pylist():
            if (bucket_of(order, cut_by) if order else None) != bucket:
                raise FileError(
                    file, None, f"has rows of order {order!r}, which belong into another file",
                    expected="orders spread by CRC-32 as docs/PARQUET.md says",
                    mend="leave `buckets` out of header.json: then Ackord spreads the rows itself",
                )  # fmt: skip
    return table


class InProcess:
    """Judges one part after the other in this process."""

    def judge(
        self, folder: EventFolder, plan: JudgePlan, only: Mapping[Path, Set[str]] | None = None
    ) -> Iterator[PartJudgement]:
        for file in part_files(folder) if only is None else only:
            chosen = None if only is None else only[file]
            yield judge_part(read_part(file, folder.cut_by), plan, str(file), chosen)

    def close(self) -> None:
        """Do nothing: nothing was started."""


_worker: dict[str, Any] = {}
"""In a worker process: the plan and the folder's number of files."""


def _begin_work(plan: JudgePlan, cut_by: int) -> None:
    _worker["plan"], _worker["cut_by"] = plan, cut_by


def _work(file: Path, only: Set[str] | None) -> PartJudgement:
    return judge_part(read_part(file, _worker["cut_by"]), _worker["plan"], str(file), only)


class WorkerProcesses:
    """Judges parts in processes of their own, which start anew and share nothing."""

    def __init__(self, count: int) -> None:
        self._count = count

    def judge(
        self, folder: EventFolder, plan: JudgePlan, only: Mapping[Path, Set[str]] | None = None
    ) -> Iterator[PartJudgement]:
        """Raises ``EnvironmentFailed`` if a worker is killed, such as for want of memory."""
        files = part_files(folder) if only is None else list(only)
        context = multiprocessing.get_context("spawn")
        workers = min(self._count, len(files))
        with ProcessPoolExecutor(workers, context, _begin_work, (plan, folder.cut_by)) as pool:
            try:
                jobs = [pool.submit(_work, file, None if only is None else only[file]) for file in files]
                for job in as_completed(jobs):
                    yield job.result()
            except BrokenProcessPool as error:
                raise EnvironmentFailed(
                    "a worker process ended before its part was judged, perhaps for want of memory.\n"
                    "  mend: give fewer --jobs, or spread the events over more files"
                ) from error
            finally:
                pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Do nothing: the processes end with each judgement."""
