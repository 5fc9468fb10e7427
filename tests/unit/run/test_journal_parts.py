"""A big journal is judged in parts: the same verdict and the same errors as in memory; without Parquet it is told.

Forged journals are judged in both ways in tests/simulated/test_forged_journals.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.core.event import event_from_json
from ackord.core.result import CampaignResult
from ackord.core.run_header import RunHeader
from ackord.core.verdict import Result
from ackord.errors import FileError, JournalError
from ackord.record.journal import JournalWriter
from ackord.report import write_all
from ackord.run import journal_parts
from ackord.run.audit import audit_recordings
from ackord.run.event_folders import FolderAudit

from ...golden.campaigns import journal_of
from ..guarantees.build import history, order
from .test_event_folders import BROKEN, RIGHT, journal

Told = list[tuple[str, int, int]]


@pytest.fixture
def everything_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_parts, "BIG_BYTES", 0)


def seen(result: CampaignResult) -> str:
    """All that a verdict says but how many orders reports show."""
    told = []
    for p in result.profiles:
        notes = tuple(note for note in p.verdict.notes if not note.startswith("reports show"))
        told.append((replace(p.verdict, notes=notes), p.landing, p.operations, p.elapsed_ns, p.journal, p.repeat))
    return repr((told, result.target, result.provider, result.exit_code))


GOLDEN = [journal_of(name) for name in ("held", "violated-visibility", "violated-double-movement", "cut-off")]


@pytest.mark.parametrize("name", ["broken", "right", *(path.stem for path in GOLDEN)])
def test_it_is_judged_as_in_memory(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = {"broken": BROKEN, "right": RIGHT}
    path = journal(tmp_path / "a" / "journal.jsonl", written[name]) if name in written else journal_of(name)
    before = audit_recordings([path])
    monkeypatch.setattr(journal_parts, "BIG_BYTES", 0)
    after = audit_recordings([path])
    assert seen(after) == seen(before)
    assert any(note.startswith("reports show") for note in after.profiles[0].verdict.notes)
    assert write_all(after, tmp_path / "reports")


@pytest.mark.usefixtures("everything_is_big")
def test_the_events_are_kept_and_worker_processes_judge_them(tmp_path: Path) -> None:
    path, told = journal(tmp_path / "journal.jsonl", BROKEN), Told()
    audit = FolderAudit(jobs=2, progress=lambda path, what: lambda done, of: told.append((what, done, of)))
    first = audit_recordings([path], folders=audit, to_parquet=tmp_path / "events")
    assert first.result is Result.VIOLATED and told[-1] == ("parts judged", 2, 2)
    again = audit_recordings([tmp_path / "events"])
    assert [g.findings for g in again.profiles[0].verdict.guarantees] == [
        g.findings for g in first.profiles[0].verdict.guarantees
    ]


def test_a_small_one_is_judged_in_memory(tmp_path: Path) -> None:
    path = journal(tmp_path / "journal.jsonl", RIGHT)
    assert not journal_parts.is_judged_in_parts(path) and journal_parts.too_big_note(path) == ()
    assert not journal_parts.is_judged_in_parts(tmp_path)


@pytest.mark.usefixtures("everything_is_big")
def test_a_drill_s_is_judged_in_memory(tmp_path: Path) -> None:
    drill = replace(RIGHT.header, subject="integration")
    path = journal(tmp_path / "journal.jsonl", history(order("A").submit(0, 5), healed=40))
    assert journal_parts.is_judged_in_parts(path)
    told = history(order("A").submit(0, 5), healed=40)
    told.header = drill
    assert not journal_parts.is_judged_in_parts(journal(tmp_path / "drill.jsonl", told))


@pytest.mark.usefixtures("everything_is_big")
def test_without_parquet_it_is_judged_in_memory_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_parts, "_has_parquet", lambda: False)
    notes = audit_recordings([journal(tmp_path / "journal.jsonl", RIGHT)]).profiles[0].verdict.notes
    assert any("was judged as a whole, in memory" in note and "ackord[scale]" in note for note in notes)


@pytest.mark.usefixtures("everything_is_big")
def test_what_is_wrong_is_told_as_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = journal(tmp_path / "journal.jsonl", BROKEN)
    whole = path.read_bytes().splitlines(keepends=True)
    damaged = {
        "a line dropped": whole[:3] + whole[4:],
        "a line behind the footer": [*whole, b"{}"],
        "no header": whole[1:],
        "nothing": [],
        "no event": [*whole[:3], b"[]\n", *whole[4:]],
    }
    for what, lines in damaged.items():
        path.write_bytes(b"".join(lines))
        problems = []
        for big in (0, 1 << 40):
            monkeypatch.setattr(journal_parts, "BIG_BYTES", big)
            with pytest.raises((FileError, JournalError)) as error:
                audit_recordings([path])
            problems.append(str(error.value))
        assert problems[0] == problems[1], what


@pytest.mark.usefixtures("everything_is_big")
def test_an_operation_of_two_orders_is_an_edit_and_no_row_that_does_not_fit(tmp_path: Path) -> None:
    path = journal(tmp_path / "journal.jsonl", RIGHT)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    twice = next(line for line in lines if line.get("e") == "begin" and line["vantage"] == "provider")
    twice["order"] = "B"
    written_anew(path, lines)
    with pytest.raises(FileError, match="is another one at the provider than at the merchant"):
        audit_recordings([path])


def written_anew(path: Path, lines: list[dict[str, object]]) -> None:
    """Write a journal's lines anew, with hashes that fit."""
    header: object = lines[0]["header"]
    assert isinstance(header, dict)
    writer = JournalWriter(path, RunHeader.from_json(header))
    for line in lines[1:-1]:
        writer.add(event_from_json({name: value for name, value in line.items() if name != "chain"}))
    writer.close()
