"""Judges a big journal or HAR in parts: cuts its events by order into a folder while they are read and checked.

Beside one part, memory holds what checking needs of each operation (some 100 bytes) and of each order (its number and
the provider's identifier).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..contract.loading.loader import LoadedContract
from ..core.result import ProfileResult
from ..errors import FileError
from ..record.consistency import ConsistencyCheck
from ..record.har_import import HarRecording
from ..record.journal import JournalFile
from ..scale.event_folder import open_folder
from ..scale.event_writer import EventWriter
from ..scale.judging import Progress
from .event_folders import FolderAudit
from .journal_checks import check_contract, contract_beside, edited, unchecked
from .reread import Rereading

__all__ = [
    "BIG_BYTES",
    "is_har",
    "is_judged_in_parts",
    "judge_har_in_parts",
    "judge_journal_in_parts",
    "too_big_note",
]

BIG_BYTES = 128 << 20
"""From here on a recording is judged in parts: a journal as a whole would take five times as much memory."""
_BYTES_AN_EVENT = 100
"""Fewer than an event takes: what is judged at once is a fraction of what a folder's part is."""
_TOLD_EVERY = 100_000


def is_judged_in_parts(path: Path) -> bool:
    """Return whether a journal or HAR is big, is no drill's, and can be cut here. Raises as ``read_journal`` does."""
    if not (_is_big(path) and _has_parquet()):
        return False
    if is_har(path):
        return True
    with JournalFile(path) as journal:
        # A drill's merchant is judged by what its orders were for, which no part tells.
        return journal.header.subject != "integration"


def too_big_note(path: Path) -> tuple[str, ...]:
    """Return what to say of a recording that was judged as a whole because Parquet cannot be written here."""
    if not _is_big(path) or _has_parquet():
        return ()
    size = path.stat().st_size >> 20
    return (
        f"{path.name} has {size:,} MB and was judged as a whole, in memory; in parts it takes a fraction of that (pip "
        "install 'ackord[scale]')",
    )


def judge_journal_in_parts(
    path: Path, given: LoadedContract | None, audit: FolderAudit, target: Path | None
) -> tuple[ProfileResult, LoadedContract | None]:
    """Judge a journal, and return its contract, too; ``None``: that is not at hand.

    ``given``: the contract that was named. ``target``: a new folder that keeps the events, cut by order. Raises
    ``FileError`` or ``JournalError`` for a journal that is damaged, was edited, or is of another contract.
    """
    with _folder(target) as folder:
        notes, loaded = _cut(path, folder, given, audit.told(path, "MB read"))
        return audit.judged_parts(path, open_folder(folder), notes), loaded


def judge_har_in_parts(
    path: Path,
    loaded: LoadedContract,
    audit: FolderAudit,
    target: Path | None,
    *,
    command: str = "",
    options: Mapping[str, Any] | None = None,
) -> ProfileResult:
    """Judge recorded traffic by a contract. ``target``: as for a journal. Raises ``FileError`` for what is no HAR."""
    size = path.stat().st_size
    told = audit.told(path, "MB read")
    with (
        HarRecording(
            path, loaded, command=command, options=options, progress=lambda done: told(done >> 20, size >> 20)
        ) as recording,
        _folder(target) as folder,
    ):
        with EventWriter(folder, recording.header, expected=recording.most_events) as writer:
            for event in recording.events():
                writer.add(event)
        return audit.judged_parts(path, open_folder(folder), recording.notes())


def is_har(path: Path) -> bool:
    """Return whether a path names recorded traffic."""
    return path.suffix.lower() == ".har"


@contextmanager
def _folder(target: Path | None) -> Iterator[Path]:
    if target is not None:
        yield target
        return
    with tempfile.TemporaryDirectory(prefix="ackord-events-") as name:
        yield Path(name) / "events"


def _cut(
    path: Path, folder: Path, given: LoadedContract | None, progress: Progress
) -> tuple[tuple[str, ...], LoadedContract | None]:
    """Write a journal's events into a new folder; return what could not be checked, and the contract."""
    size = path.stat().st_size
    with JournalFile(path) as journal:
        loaded = given or contract_beside(path, journal.header)
        check, again = ConsistencyCheck(), None if loaded is None else Rereading(loaded)
        unwritten: FileError | None = None
        with EventWriter(folder, journal.header, expected=size // _BYTES_AN_EVENT) as writer:
            for number, event in enumerate(journal.events(), start=1):
                check.add(event)
                if again is not None:
                    again.add(event)
                if unwritten is None:
                    try:
                        writer.add(event)
                    except FileError as error:  # what is wrong with the journal is told first, if anything is
                        unwritten = error
                if number % _TOLD_EVERY == 0:
                    progress(journal.read_bytes >> 20, size >> 20)
            if (found := check.end(complete=journal.ended)) is not None:
                raise edited(path, *found)
            if loaded is not None:
                check_contract(path, journal.header, loaded)
            notes = tuple(unchecked(path, None if again is None else again.end()))
            if unwritten is not None:
                raise unwritten
            writer.complete = journal.ended
        return notes, loaded


def _is_big(path: Path) -> bool:
    return path.is_file() and path.stat().st_size >= BIG_BYTES


def _has_parquet() -> bool:
    return find_spec("pyarrow") is not None and find_spec("numpy") is not None
