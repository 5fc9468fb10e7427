"""Judges the parts of a folder on Spark: a task a file, by the functions that worker processes call.

The files are cut by order already: to repartition and sort the same rows took three times as long as to judge them. The
workers run this Python's code, and read the folder, so they must see both.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache, partial
from pathlib import Path
from socket import gethostname
from typing import Any

from ..errors import FileError
from ..host.spark_session import spark_failure, spark_session
from .arrow import arrow
from .engines import part_files, read_part
from .event_folder import EventFolder
from .part import JudgePlan, PartJudgement, judge_part

__all__ = ["SparkParts"]

_WAVES = 4
"""Tasks a core that are given to Spark at once: enough that no core waits, and few results are held in memory."""
_Job = tuple[Path, Path, Set[str] | None]
"""A file as the user named it, where it is (a worker has another folder), and the orders to judge; ``None``: all."""


class SparkParts:
    """Judges on Spark."""

    def __init__(self, master: str) -> None:
        """Raises ``UsageError`` without pyspark, ``EnvironmentFailed`` where Spark cannot be reached."""
        self._master = master
        self._session = spark_session(master, "ackord audit")

    def judge(
        self, folder: EventFolder, plan: JudgePlan, only: Mapping[Path, Set[str]] | None = None
    ) -> Iterator[PartJudgement]:
        """Judge all orders, or some. Raises ``FileError`` for rows that are no events."""
        some: Mapping[Path, Set[str] | None] = dict.fromkeys(part_files(folder)) if only is None else only
        jobs: list[_Job] = [(file, file.resolve(), orders) for file, orders in some.items()]
        context = self._session.sparkContext
        told = context.broadcast(pickle.dumps(plan))
        wave = _WAVES * context.defaultParallelism
        try:
            for i in range(0, len(jobs), wave):
                yield from map(
                    _raised, self._results(context, jobs[i : i + wave], partial(_judged, told, folder.cut_by))
                )
        finally:
            told.destroy()

    def _results(self, context: Any, jobs: list[_Job], judged: Any) -> list[Any]:
        try:
            return context.parallelize(jobs, len(jobs)).map(judged).collect()  # type: ignore[no-any-return]
        except Exception as error:  # whatever Java and the network raise
            raise spark_failure(self._master, error) from error

    def close(self) -> None:
        """End the session."""
        self._session.stop()


@lru_cache(maxsize=1)
def _plan(told: bytes) -> JudgePlan:
    plan: JudgePlan = pickle.loads(told)
    return plan


def _judged(told: Any, cut_by: int, job: _Job) -> PartJudgement | FileError:
    """Do what a task of Spark does. An error of the input is given back, so that it is told as it is anywhere else."""
    file, there, orders = job
    if not there.exists():
        return FileError(
            there, None, f"the worker of Spark on {gethostname()} has no such file",
            mend="put the folder where each worker finds it under this path, or leave --engine out",
        )  # fmt: skip
    arrow().set_cpu_count(1)  # the tasks share the cores already
    try:
        return judge_part(read_part(there, cut_by), _plan(told.value), str(file), orders)
    except FileError as error:
        return error


def _raised(found: PartJudgement | FileError) -> PartJudgement:
    if isinstance(found, FileError):
        raise found
    return found
