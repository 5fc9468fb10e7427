"""One recording cannot be given twice, in whatever way: its evidence would count twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ackord.errors import UsageError
from ackord.run.audit import audit_recordings
from ackord.run.recorded_campaign import recorded_campaign
from ackord.run.same_recordings import refuse_same_recordings
from tests.golden.campaigns import journal_of


def test_a_journal_that_is_given_twice_is_refused() -> None:
    held = journal_of("held")
    with pytest.raises(UsageError, match="is given twice: each of its orders would count twice"):
        audit_recordings([held, held])


def test_a_copy_is_refused_wherever_it_is(tmp_path: Path) -> None:
    copy = Path(shutil.copy(journal_of("held"), tmp_path / "other.jsonl"))
    link = tmp_path / "link.jsonl"
    link.symlink_to(copy)
    for again in (copy, link):
        with pytest.raises(UsageError, match=f"{again.name} is the same recording as .*held"):
            audit_recordings([journal_of("held"), again])


def test_a_copy_in_a_folder_of_evidence_is_refused(tmp_path: Path) -> None:
    for name in ("held", "held-2"):
        (tmp_path / name).mkdir()
        shutil.copy(journal_of("held"), tmp_path / name / "journal.jsonl")
    with pytest.raises(UsageError, match="the same recording"):
        recorded_campaign(tmp_path)


def test_a_copied_folder_of_events_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "events.parquet").write_bytes(b"one")
    with pytest.raises(UsageError, match=r"b is the same recording as .*a"):
        refuse_same_recordings([tmp_path / "a", tmp_path / "b"])
    (tmp_path / "b/events.parquet").write_bytes(b"two")
    refuse_same_recordings([tmp_path / "a", tmp_path / "b"])


def test_two_runs_make_one_verdict() -> None:
    assert len(audit_recordings([journal_of("held"), journal_of("violated-visibility")]).profiles) == 2


def test_what_is_not_there_is_left_to_the_reader(tmp_path: Path) -> None:
    refuse_same_recordings([tmp_path / "a", tmp_path / "b"])
