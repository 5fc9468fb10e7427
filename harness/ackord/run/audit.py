"""Judge offline: journals of earlier runs, folders of events in Parquet, and traffic recorded by a merchant's proxy or
browser (HAR).

A journal is judged only if its hashes fit, its events agree with one another (``record.consistency``), and, where its
contract is at hand, its promises are the contract's and its readings follow from the raw answers (``reread``).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ..core.history import History
from ..core.result import CampaignResult, ProfileResult, campaign_of
from ..errors import UsageError
from ..record.consistency import inconsistency
from ..record.har_import import read_recording
from ..record.journal import read_journal
from ..report.contract_places import guarantee_lines, shown_file
from ..workload.openapi_check import ApiDocument, requests_of
from .event_folders import FolderAudit, is_event_folder, judged_whole, write_events
from .evidence import CONTRACT_FILE
from .journal_checks import check_contract, contract_beside, edited, unchecked
from .journal_parts import is_har, is_judged_in_parts, judge_har_in_parts, judge_journal_in_parts, too_big_note
from .reread import reread
from .same_recordings import refuse_same_recordings

__all__ = ["audit_recordings"]


def audit_recordings(
    paths: Sequence[Path],
    document: ApiDocument | None = None,
    *,
    contract: str = "",
    folders: FolderAudit | None = None,
    to_parquet: Path | None = None,
) -> CampaignResult:
    """Judge journals and folders of events of one contract, and HAR files by the contract of that name or path.

    ``folders`` says how folders and big journals are judged; ``to_parquet`` is a new folder into which the events are
    written.

    A journal's contract is its copy (``run-contract.yaml``), or the shipped one of its name; ``contract`` is for
    HAR files, and for journals without either.

    Raises ``UsageError`` if one is given twice, if their contracts differ or are not of the provider that ``document``
    describes, ``FileError`` or ``JournalError`` for a bad file.
    """
    refuse_same_recordings(paths)
    loaded = _given_contract(paths, contract)
    results = []
    judged_by: LoadedContract | None = None
    targets = _targets(to_parquet, len(paths))
    for path, target in zip(paths, targets, strict=True):
        if is_event_folder(path):
            results.append((folders or FolderAudit()).judged(path, document, target))
            continue
        if document is None and is_judged_in_parts(path):
            judged, judged_by = _judged_in_parts(path, loaded, contract, folders or FolderAudit(), target)
            results.append(judged)
            continue
        history, notes, judged_by = _read(path, loaded, contract)
        if target is not None:
            write_events(history, target)
        results.append(judged_whole(path, history, notes, document))
    words = ["ackord", "audit", *map(str, paths)]
    if contract:
        words += ["--contract", contract]
    if document is not None:
        words += document.on_command_line()
    words += (folders or FolderAudit()).on_command_line()
    names = list(dict.fromkeys(r.history.header.contract for r in results))
    if len(names) > 1:
        raise UsageError(f"these recordings are of different contracts: {names[0]}, {', '.join(sorted(names[1:]))}")
    beside = Path(paths[-1]).parent.parent / CONTRACT_FILE
    return replace(
        campaign_of(results, str(Path(paths[0]).parent)),
        contract_file=shown_file(judged_by.path, beside) if judged_by is not None else "",
        contract_lines=guarantee_lines(judged_by) if judged_by is not None else {},
        provider=f"{names[0]}, as recorded",
        target="recording" if any(map(is_har, paths)) else "journal" if any(map(Path.is_file, paths)) else "parquet",
        repeat=shlex.join(words),
    )


def _targets(to_parquet: Path | None, count: int) -> list[Path | None]:
    """Return the folder into which each recording's events are written; several get numbered ones."""
    if to_parquet is None or count == 1:
        return [to_parquet] * count
    return [to_parquet / f"{i:03d}" for i in range(1, count + 1)]


def _given_contract(paths: Sequence[Path], contract: str) -> LoadedContract | None:
    """Return the contract that was named; ``None``: none was. Raises ``UsageError``.

    Secrets missing from the environment get placeholders: credentials are rarely in a recording.
    """
    if contract:
        return load_contract(contract, env=PlaceholderEnv(os.environ))
    for path in filter(is_har, paths):
        raise UsageError(
            f"{path}: a recording does not say whose API it is.\n  mend: give its contract with --contract"
        )
    return None


def _judged_in_parts(
    path: Path, given: LoadedContract | None, contract: str, folders: FolderAudit, target: Path | None
) -> tuple[ProfileResult, LoadedContract | None]:
    if given is None or not is_har(path):
        return judge_journal_in_parts(path, given, folders, target)
    command, options = _har_run(path, given, contract)
    return judge_har_in_parts(path, given, folders, target, command=command, options=options), given


def _har_run(path: Path, given: LoadedContract, contract: str) -> tuple[str, dict[str, Any]]:
    """Return the command and the options that stand in the header of recorded traffic."""
    command = shlex.join(["ackord", "audit", str(path), "--contract", contract])
    return command, {"requests": requests_of(given.contract)}


def _read(
    path: Path, given: LoadedContract | None, contract: str
) -> tuple[History, tuple[str, ...], LoadedContract | None]:
    """Return a history, what could not be checked of it, and its contract; ``None``: that is not at hand."""
    if given is None or not is_har(path):
        history = read_journal(path)
        found = inconsistency(history)
        if found is not None:
            raise edited(path, *found)
        loaded = given or contract_beside(path, history.header)
        if loaded is not None:
            check_contract(path, history.header, loaded)
        again = None if loaded is None else reread(history, loaded)
        return history, (*unchecked(path, again), *too_big_note(path)), loaded
    command, options = _har_run(path, given, contract)
    history, notes = read_recording(path, given, command=command, options=options)
    return history, (*notes, *too_big_note(path)), given
