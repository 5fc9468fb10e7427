"""Reads a run's evidence folder as a campaign, from which every report can be made again.

Verdicts come from the journals alone, judged again. ``result.json`` adds what no journal knows: which profiles were not
run and why, how the run ended, and what its judge was told; it makes no verdict better.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.clock import MS
from ..core.result import CampaignResult, LeftOutProfile, ProfileResult
from ..core.shard import Shard
from ..core.verdict import INTERRUPTED, Result
from ..errors import FileError, UsageError
from ..report.campaign_summary import remarks
from ..report.json_result import FILE_NAME, read, reading
from ..workload.openapi_check import ApiDocument
from .audit import audit_recordings

__all__ = ["recorded_campaign"]

Json = Mapping[str, Any]
_BY_DOCUMENT = "answers-match-schema"
_WHOLE_RUNS = ("ackord certify ", "ackord drill ")
"""Commands of runs that write ``result.json`` at their end."""


def recorded_campaign(folder: Path, document: ApiDocument | None = None, *, contract: str = "") -> CampaignResult:
    """Judge the journals in a run's folder again and return the campaign as the run left it.

    Raises ``UsageError`` for a folder without evidence, and for a run whose OpenAPI document is missing; ``FileError``
    or ``JournalError`` for a file that is missing or was altered.
    """
    file = folder / FILE_NAME
    told = read(file) if file.exists() else None
    with reading(file):
        recorded = [_journal(file, p) for p in told["profiles"]] if told is not None else []
    journals = recorded + sorted(set(folder.glob("*/journal.jsonl")) - set(recorded))
    if not journals and told is None:
        raise UsageError(
            f"{folder} holds no evidence of a run.\n  expected: the folder that `ackord certify` or `ackord drill` "
            "wrote (the line `evidence` of its output), with a journal.jsonl for each profile"
        )
    if told is None:
        return _without_end(replace(audit_recordings(journals, document, contract=contract), out=str(folder)))
    if not journals:
        with reading(file):
            return _as_told(_empty(told, folder), told)
    judged = replace(audit_recordings(journals, document, contract=contract), out=str(folder))
    with reading(file):
        by_journal = dict(zip(map(str, recorded), told["profiles"], strict=True))
        profiles = [_profile_as_told(p, by_journal.get(p.journal), document) for p in judged.profiles]
        return _as_told(replace(judged, profiles=tuple(profiles)), told)


def _journal(file: Path, told: Json) -> Path:
    """Return the journal of a profile. Raises ``FileError`` if it is not the one of which ``result.json`` tells."""
    path = file.parent / str(told["journal"])
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise FileError(
            file, None, f"it tells of the journal {told['journal']}, which cannot be read: {error.strerror}",
            mend="restore the folder as the run left it",
        ) from error  # fmt: skip
    if told["journal_sha256"] not in (None, digest):
        raise FileError(
            path, None, f"this is not the journal of which {FILE_NAME} tells: its SHA-256 is another one",
            mend="restore the folder as the run left it",
        )  # fmt: skip
    return path


def _profile_as_told(p: ProfileResult, told: Json | None, document: ApiDocument | None) -> ProfileResult:
    """Add what the run knew of a profile beside its journal, and where the judge of then said otherwise."""
    if told is None:
        return p
    then = {g["id"]: Result(g["result"]) for g in told["guarantees"]}
    if document is None and then.get(_BY_DOCUMENT, Result.NOT_APPLICABLE) is not Result.NOT_APPLICABLE:
        raise UsageError(
            "the run was judged by an OpenAPI document too, which is not in its evidence.\n"
            "  mend: give it with --openapi, as in the run"
        )
    said = list(dict.fromkeys(str(note) for note in told["notes"]))
    said += [
        f"{FILE_NAME} says {then[g.guarantee].value} for {g.guarantee}, and judged again it is {g.result.value}"
        for g in p.verdict.guarantees
        if then.get(g.guarantee, g.result) is not g.result
    ]
    own, known = p.verdict.notes, remarks(p)
    # In the run's own sequence; what reports find out by themselves is not said twice.
    notes = [note for note in said if note in own or note not in known] + [note for note in own if note not in said]
    return replace(
        p,
        verdict=replace(p.verdict, notes=tuple(notes)),
        operations=int(told["operations_count"]),
        elapsed_ns=round(told["elapsed_ms"] * MS),
        repeat=str(told["repeat_command"]),
        cut_short=str(told["cut_short"]),
    )


def _as_told(result: CampaignResult, told: Json) -> CampaignResult:
    interrupted = told["exit_code"] == INTERRUPTED
    return replace(
        result,
        provider=str(told["provider"]),
        target=str(told["target"]),
        flaw=str(told["flaw"]),
        budget=str(told["budget"]),
        started=str(told["started"]),
        elapsed_ns=round(told["elapsed_ms"] * MS),
        options=dict(told["options"]),
        repeat=str(told["repeat_command"]),
        not_run=tuple(map(str, told["not_run"])),
        left_out=tuple(
            LeftOutProfile(str(p["profile"]), str(p["reason"]), tuple(p["exposes"]), tuple(p["proves"]))
            for p in told["left_out"]
        ),
        required=tuple(map(str, told["required"])),
        failure=str(told["failure"]),
        failed_with=int(told["exit_code"]) if told["failure"] and not interrupted else result.failed_with,
        interrupted=interrupted,
        contract_file=_contract_file(result, str(told.get("contract_file", ""))),
        provider_version=str(told.get("provider_version", "")),
        shard=Shard.from_json(told["shard"]) if told.get("shard") else None,
    )


def _contract_file(result: CampaignResult, named: str) -> str:
    """Return the contract that the run named if it is still the same file, else its copy beside the evidence."""
    digests = {p.history.header.contract_sha256 for p in result.profiles}
    with contextlib.suppress(OSError):
        if hashlib.sha256(Path(named).read_bytes()).hexdigest() in digests:
            return named
    return result.contract_file or named


def _empty(told: Json, folder: Path) -> CampaignResult:
    """A run that ended before its first profile was judged."""
    return CampaignResult(
        contract=str(told["contract"]), provider="", subject=str(told["subject"]), target="", flaw="",
        seed=int(told["seed"]), budget="", started="", elapsed_ns=0, profiles=(), not_run=(), out=str(folder),
        repeat="",
    )  # fmt: skip


def _without_end(judged: CampaignResult) -> CampaignResult:
    """Doubt a run that should have left ``result.json`` and did not: what else was to be run is not known."""
    if not any(p.history.header.command.startswith(_WHOLE_RUNS) for p in judged.profiles):
        return judged
    return replace(judged, failure=f"it left no {FILE_NAME}, so whether all of its profiles were run is not known")
