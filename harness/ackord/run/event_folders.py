"""Judges folders of events in Parquet as audits do, and writes the events of other recordings as such folders.

A folder has no hashes, so an edit is not found, and its readings are not compared with the raw answers: the verdict's
notes say so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.history import History
from ..core.landing import estimate
from ..core.operation import Vantage
from ..core.result import ProfileResult
from ..errors import UsageError
from ..host.spark_session import is_spark_master
from ..scale.engines import InProcess, PartEngine, WorkerProcesses
from ..scale.event_folder import HEADER, EventFolder, open_folder
from ..scale.event_writer import EventWriter
from ..scale.judging import Progress, cut_by_order, cut_copy, judge_folder, whole_history
from ..workload.openapi_check import ApiDocument
from .judging import judge_run
from .order_plan import limits_note

__all__ = ["FolderAudit", "is_event_folder", "judged_whole", "refuse_to_follow", "told_on_stderr", "write_events"]

_NOT_COMPARED = (
    "events in Parquet have no hashes: an edit would not be found, and their readings were not compared with the raw "
    "answers"
)


def is_event_folder(path: Path) -> bool:
    """Return whether a path is a folder of events in Parquet, or means to be one."""
    return path.is_dir() and ((path / HEADER).is_file() or any(path.glob("*.parquet")))


def refuse_to_follow(path: Path) -> None:
    """Raise ``UsageError`` for a recording that does not grow as a journal does."""
    if path.is_dir() or path.suffix.lower() in (".har", ".parquet"):
        raise UsageError(f"{path}: only a journal can be followed.\n  mend: leave --follow out")


def write_events(history: History, folder: Path) -> None:
    """Write a history's events as a new folder. Raises ``UsageError`` if there is something in it."""
    with EventWriter(folder, history.header, expected=len(history.events)) as writer:
        writer.complete = history.complete
        for event in history.events:
            writer.add(event)


@dataclass(frozen=True, slots=True)
class FolderAudit:
    """How folders are judged."""

    jobs: int = 1
    """Worker processes; 1: in this process."""
    engine: str = ""
    """A master of Spark; empty: none."""
    progress: Callable[[Path, str], Progress] | None = None
    """Makes what is told of a recording: how much is done, in the words given."""

    def __post_init__(self) -> None:
        """Raise ``UsageError`` for what does not go together."""
        if self.engine and not is_spark_master(self.engine):
            raise UsageError(
                f"--engine {self.engine}: expected a master of Spark such as spark://host:7077 or local[2]; without "
                "--engine, --jobs says how many processes judge"
            )
        if self.engine and self.jobs > 1:
            raise UsageError("--engine and --jobs contradict each other.\n  mend: leave one of them out")

    def on_command_line(self) -> list[str]:
        """Return the options that say so."""
        return [
            *(["--jobs", str(self.jobs)] if self.jobs > 1 else []),
            *(["--engine", self.engine] if self.engine else []),
        ]

    def judged(self, path: Path, document: ApiDocument | None, target: Path | None) -> ProfileResult:
        """Judge a folder. ``target``: a new folder into which its events are written, cut by order.

        A drill, whose merchant is judged by what its orders were for, and answers that are compared with an OpenAPI
        document are judged as a whole, in memory.
        """
        folder = open_folder(path)
        if target is not None:
            folder = cut_copy(folder, target)
        if folder.header.subject == "integration" or document is not None:
            return judged_whole(path, whole_history(folder), (_NOT_COMPARED,), document)
        with cut_by_order(folder) as cut:
            return self.judged_parts(path, cut, (_NOT_COMPARED,))

    def judged_parts(self, path: Path, folder: EventFolder, notes: Sequence[str]) -> ProfileResult:
        """Judge the events of a recording that are cut by order; ``notes``: what could not be checked of it."""
        with closing(self._engine()) as engine:
            return self._judged(path, folder, engine, notes)

    def told(self, path: Path, what: str) -> Progress:
        """Return what tells how much of a recording is done, in such words as ``parts judged``."""
        return _silent if self.progress is None else self.progress(path, what)

    def _engine(self) -> PartEngine:
        if self.engine:
            from ..scale.spark import SparkParts

            return SparkParts(self.engine)
        return WorkerProcesses(self.jobs) if self.jobs > 1 else InProcess()

    def _judged(self, path: Path, folder: EventFolder, engine: PartEngine, notes: Sequence[str]) -> ProfileResult:
        found = judge_folder(folder, engine, self.told(path, "parts judged"))
        header = folder.header
        told = len(found.history.orders)
        all_notes = [
            *found.verdict.notes,
            *([note] if (note := limits_note(header.options)) else []),
            *notes,
            *([f"reports show {told:,} of {found.orders:,} orders: those of the findings"] if found.orders else []),
        ]
        return ProfileResult(
            profile=header.profile,
            verdict=replace(found.verdict, notes=tuple(all_notes)),
            history=found.history,
            landing=found.landing if header.subject == "provider" else None,
            journal=str(path),
            operations=found.operations,
            elapsed_ns=found.elapsed_ns,
            repeat=header.command,
        )


def judged_whole(path: Path, history: History, notes: Sequence[str], document: ApiDocument | None) -> ProfileResult:
    """Judge a history that is in memory; ``notes``: what could not be checked of it."""
    header = history.header
    at_ns = [e.at_ns for e in history.events]
    verdict = judge_run(history, document)
    return ProfileResult(
        profile=header.profile,
        verdict=replace(verdict, notes=(*verdict.notes, *notes)),
        history=history,
        landing=estimate(history) if header.subject == "provider" else None,
        journal=str(path),
        operations=sum(
            1 for e in history.events if getattr(e, "vantage", None) is Vantage.MERCHANT and hasattr(e, "kind")
        ),
        elapsed_ns=max(at_ns) - min(at_ns) if at_ns else 0,
        repeat=header.command,
    )


def _silent(done: int, of: int) -> None:
    """Tell nobody."""


def told_on_stderr(path: Path, what: str) -> Progress:
    """Return what tells on standard error how much of a recording is done, a tenth at a time."""
    told = 0

    def tell(done: int, of: int) -> None:
        nonlocal told
        at_terminal = sys.stderr.isatty()
        if at_terminal or done == of or done * 10 // max(1, of) > told:
            told = done * 10 // max(1, of)
            line = f"{path}: {done} of {of} {what}"
            sys.stderr.write(f"\r\x1b[K{line}" if at_terminal and done < of else f"{line}\n")
            sys.stderr.flush()

    return tell
