"""Judges the parts of a folder in this process or over worker processes; ``spark.py`` does on Spark.

All of them call ``judge_part``, and the sum of its results does not depend on who made them or in which sequence they
come.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from ..errors import FileError
from ..guarantees.base import load_guarantee_plugins
from ..host.worker_pool import WorkerPool
from .arrow import arrow, compute, numpy, parquet
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


def _begin_worker() -> None:
    """Have Arrow start no threads of its own, because the processes share the cores already."""
    arrow().set_cpu_count(1)


def _get_ready() -> None:
    """Import what judging needs, while the parent still plans."""
    compute(), numpy(), parquet()
    load_guarantee_plugins()


@lru_cache(maxsize=1)
def _plan_in(file: Path) -> JudgePlan:
    """Return the plan that the parent wrote; a worker reads it once."""
    plan: JudgePlan = pickle.loads(file.read_bytes())
    return plan


def _work(plan: Path, cut_by: int, file: Path, only: Set[str] | None) -> PartJudgement:
    return judge_part(read_part(file, cut_by), _plan_in(plan), str(file), only)


class WorkerProcesses:
    """Judges parts in processes of their own, which start anew, share nothing, and stay until ``close``."""

    def __init__(self, count: int) -> None:
        self._pool = WorkerPool(count, _begin_worker)
        self._plans = tempfile.TemporaryDirectory(prefix="ackord-plans-")
        self._made = 0
        for _ in range(count):
            self._pool.submit(_get_ready)

    def judge(
        self, folder: EventFolder, plan: JudgePlan, only: Mapping[Path, Set[str]] | None = None
    ) -> Iterator[PartJudgement]:
        """Raises ``EnvironmentFailed`` if a worker is killed, such as for want of memory."""
        self._made += 1
        told = Path(self._plans.name) / f"{self._made}.pickle"
        told.write_bytes(pickle.dumps(plan))
        chosen = part_files(folder) if only is None else list(only)
        calls = [(told, folder.cut_by, file, None if only is None else only[file]) for file in chosen]
        mend = "give fewer --jobs, or spread the events over more files"
        yield from self._pool.results(_work, calls, what="its part was judged", mend=mend)

    def close(self) -> None:
        """End the processes."""
        self._pool.close()
        self._plans.cleanup()
