"""Folders of events are audited beside journals: one verdict, the same findings, notes on what Parquet cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.core.event import Begin, Complete
from ackord.core.history import History
from ackord.core.operation import Vantage
from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.errors import FileError, UsageError
from ackord.record.journal import JournalWriter
from ackord.report import write_all
from ackord.run.audit import audit_recordings
from ackord.run.event_folders import FolderAudit

from ..guarantees.build import history, order

BROKEN = history(
    *(order(f"o{i}").submit(i, i + 5).query(i + 6, i + 7, "NOT_FOUND" if i == 3 else "PROCESSING") for i in range(6)),
    healed=40,
)
RIGHT = history(order("A").submit(0, 5).query(6, 7, "PROCESSING"), healed=40)


def journal(path: Path, told: History) -> Path:
    """A journal whose operations are numbered from 1 and begin at the merchant, as in a run."""
    ops: dict[int, int] = {}
    writer = JournalWriter(path, told.header)
    for event in sorted(told.events, key=lambda e: (e.at_ns, getattr(e, "vantage", None) is Vantage.PROVIDER)):
        if isinstance(event, Begin | Complete):
            event = event._replace(op=ops.setdefault(event.op, len(ops) + 1))
        writer.add(event)
    writer.close()
    return path


def findings(result: CampaignResult) -> list[object]:
    return [(g.guarantee, g.result, g.exposures, g.findings) for p in result.profiles for g in p.verdict.guarantees]


def test_a_journal_and_its_folder_give_the_same(tmp_path: Path) -> None:
    path, folder = journal(tmp_path / "run" / "journal.jsonl", BROKEN), tmp_path / "events"
    first = audit_recordings([path], to_parquet=folder)
    again = audit_recordings([folder])
    assert findings(first) == findings(again) and again.result is Result.VIOLATED
    assert again.target == "parquet" and again.profiles[0].landing == first.profiles[0].landing
    notes = again.profiles[0].verdict.notes
    assert any("no hashes" in note for note in notes) and "reports show 1 of 6 orders: those of the findings" in notes


def test_several_recordings_make_one_verdict(tmp_path: Path) -> None:
    one, other = journal(tmp_path / "1" / "journal.jsonl", BROKEN), journal(tmp_path / "2" / "journal.jsonl", RIGHT)
    audit_recordings([one, other], to_parquet=tmp_path / "events")
    result = audit_recordings([tmp_path / "events" / "001", tmp_path / "events" / "002", other])
    assert [p.verdict.result is Result.VIOLATED for p in result.profiles] == [True, False, False]
    assert result.exit_code == 1
    assert write_all(result, tmp_path / "reports")


def test_a_folder_over_worker_processes(tmp_path: Path) -> None:
    path = journal(tmp_path / "journal.jsonl", BROKEN)
    expected = findings(audit_recordings([path], to_parquet=tmp_path / "events"))
    told: list[tuple[int, int]] = []
    audit = FolderAudit(jobs=2, progress=lambda path, what: lambda done, of: told.append((done, of)))
    result = audit_recordings([tmp_path / "events"], folders=audit)
    assert findings(result) == expected and told[-1] == (2, 2) and result.repeat.endswith("--jobs 2")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"engine": "duckdb"}, "--engine duckdb: expected a master of Spark"),
        ({"engine": "local[2]", "jobs": 2}, "--engine and --jobs contradict each other"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        FolderAudit(**options)  # type: ignore[arg-type]


def test_a_folder_that_was_not_finished(tmp_path: Path) -> None:
    audit_recordings([journal(tmp_path / "journal.jsonl", RIGHT)], to_parquet=tmp_path / "events")
    (tmp_path / "events" / "header.json").unlink()
    with pytest.raises(FileError, match="without this file its writing did not end"):
        audit_recordings([tmp_path / "events"])


def test_a_folder_is_copied_cut_by_order(tmp_path: Path) -> None:
    told = findings(audit_recordings([journal(tmp_path / "journal.jsonl", BROKEN)], to_parquet=tmp_path / "events"))
    header = tmp_path / "events" / "header.json"
    header.write_text(header.read_text().replace('"buckets": 1', '"buckets": 0'))
    assert findings(audit_recordings([tmp_path / "events"], to_parquet=tmp_path / "cut")) == told
    assert findings(audit_recordings([tmp_path / "cut"])) == told
    assert '"buckets": 1' in (tmp_path / "cut" / "header.json").read_text()
