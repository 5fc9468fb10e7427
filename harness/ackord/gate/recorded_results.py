"""Keeps results of gates in a repository: JSON lines, one for each run of a profile, in one file or in a folder of
files. Whether a version may ship is decided from these alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..core.result import CampaignResult, ProfileResult
from ..core.verdict import Result
from ..errors import FileError, UsageError
from ..masking import mask_data
from ..report.files import write_file
from ..report.format import printable
from .verdict import GateItem, GateVerdict, ItemKind

__all__ = ["RecordedRun", "read_results", "record_results", "results_of"]

_KIND, _VERSION = "recorded-run", 1
_ANSWERS = ("yes", "no", "unknown")


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """One run of one profile, as a gate judged it."""

    contract: str
    contract_sha256: str
    provider_version: str
    suite_version: str
    """The version of Ackord."""
    profile: str
    profile_sha256: str
    result: str
    """The profile's worst result, whatever the gate made of it."""
    ships: str
    """``yes``: the gate had nothing against it; ``no``: something is broken; ``unknown``: something is not judged."""
    why: str
    """The first thing that the gate had against it; empty for none."""
    seed: int
    budget: str
    started: str
    """Civil time in UTC, ISO 8601."""
    journal_sha256: str
    """Of its journal, by which the same run is known when it is recorded again."""


def results_of(campaign: CampaignResult, verdict: GateVerdict) -> list[RecordedRun]:
    """Return a row for each profile's run. Raises ``UsageError`` for a shard, or a run without a provider's version."""
    if campaign.shard is not None:
        raise UsageError(
            f"this is shard {campaign.shard} of a campaign.\n  mend: merge all shards with `ackord report merge` first"
        )
    if not campaign.provider_version:
        raise UsageError(
            "the run does not say which version was judged.\n"
            "  mend: run `ackord certify` with --provider-version, such as a release or a commit"
        )
    if not campaign.profiles:
        raise UsageError("the run judged no profile, so there is nothing to record")
    return [_row(campaign, p, verdict) for p in campaign.profiles]


def _row(campaign: CampaignResult, p: ProfileResult, verdict: GateVerdict) -> RecordedRun:
    header = p.history.header
    against = [item for item in verdict.failures if _concerns(item, p.profile)]
    severities = [item.kind.severity for item in against]
    ships = "yes" if not against else "no" if Result.VIOLATED in severities else "unknown"
    return RecordedRun(
        contract=campaign.contract,
        contract_sha256=header.contract_sha256,
        provider_version=campaign.provider_version,
        suite_version=header.tool,
        profile=p.profile,
        profile_sha256=header.profile_sha256,
        result=p.verdict.result.value,
        ships=ships,
        why=printable(f"{against[0].kind}: {against[0].text}") if against else "",
        seed=header.seed,
        budget=campaign.budget,
        started=header.started,
        journal_sha256=hashlib.sha256(Path(p.journal).read_bytes()).hexdigest(),
    )


def _concerns(item: GateItem, profile: str) -> bool:
    """Whether an item is about a profile, or about all of them. What was not run says nothing of what was."""
    return item.profile == profile or (not item.profile and item.kind is not ItemKind.ABSENT)


def record_results(place: Path, rows: Sequence[RecordedRun]) -> Path:
    """Add rows to a file, or as a file of their own to a folder; return the file. The same run, recorded again, is
    replaced.

    Raises ``FileError`` for a file that is none of results.
    """
    if place.is_dir():
        runs = hashlib.sha256("".join(row.journal_sha256 for row in rows).encode()).hexdigest()[:12]
        name = "".join(c if c.isalnum() or c in "._" else "-" for c in f"{rows[0].contract}-{rows[0].provider_version}")
        place = place / f"{name}-{runs}.jsonl"
    known = _read_file(place) if place.exists() else []
    again = {row.journal_sha256 for row in rows}
    kept = [row for row in known if row.journal_sha256 not in again]
    data = (mask_data({"ackord": _KIND, "version": _VERSION, **asdict(row)}) for row in (*kept, *rows))
    write_file(place, "".join(f"{json.dumps(row)}\n" for row in data).encode(), masked=True)
    return place


def read_results(place: Path) -> list[RecordedRun]:
    """Read a file, or all ``*.jsonl`` of a folder. Raises ``FileError``, ``UsageError`` where nothing is recorded."""
    files = sorted(place.glob("*.jsonl")) if place.is_dir() else [place]
    rows = [row for file in files for row in _read_file(file)]
    if not rows:
        raise UsageError(f"{place} holds no recorded results.\n  mend: record some with `ackord gate record`")
    return rows


def _read_file(path: Path) -> list[RecordedRun]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _wrong(path, None, f"it cannot be read: {said}") from None
    return [_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read_line(path: Path, number: int, line: str) -> RecordedRun:
    try:
        data: Any = json.loads(line)
    except ValueError as error:
        raise _wrong(path, number, f"this is no JSON: {error}") from None
    if not isinstance(data, dict) or data.pop("ackord", None) != _KIND:
        raise _wrong(path, number, "this is no recorded result")
    version = data.pop("version", None)
    if version != _VERSION:
        raise _wrong(path, number, f"it is of version {version}, and {_VERSION} is read here")
    kinds = {field.name: int if field.name == "seed" else str for field in fields(RecordedRun)}
    problems = [name for name in (*kinds, *data) if name not in data or not isinstance(data[name], kinds.get(name, ()))]
    if problems:
        raise _wrong(path, number, f'"{problems[0]}" is missing, unknown or of another kind')
    if data["ships"] not in _ANSWERS:
        raise _wrong(path, number, f'"ships" is {data["ships"]!r}', expected=f"one of {', '.join(_ANSWERS)}")
    return RecordedRun(**data)


def _wrong(path: Path, line: int | None, problem: str, *, expected: str = "") -> FileError:
    expected = expected or "lines that `ackord gate record` wrote"
    return FileError(path, line, problem, expected=expected, mend="restore it, or remove the line")
