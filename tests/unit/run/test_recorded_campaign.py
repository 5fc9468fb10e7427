"""A folder of evidence read as a campaign: verdicts from its journals, and nothing better than the run left it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.errors import FileError, UsageError
from ackord.report import write_all
from ackord.run.audit import audit_recordings
from ackord.run.recorded_campaign import recorded_campaign
from tests.golden.campaigns import journal_of
from tests.unit.report.build import campaign, left_out


def evidence(folder: Path, *names: str, **more: Any) -> CampaignResult:
    """Write a run of golden journals as ``ackord certify`` leaves it; return its campaign."""
    journals = []
    for name in names:
        (folder / name).mkdir()
        journals.append(Path(shutil.copy(journal_of(name), folder / name / "journal.jsonl")))
    result = replace(audit_recordings(journals), out=str(folder), **more) if journals else campaign(**more)
    write_all(result, folder)
    return result


def edit(folder: Path, **values: Any) -> None:
    file = folder / "result.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_a_run_is_read_as_it_was_left(tmp_path: Path) -> None:
    left = evidence(
        tmp_path, "violated-visibility", "held",
        not_run=("latency",), left_out=(left_out(),), required=("replica-lag",), failure="the provider is gone",
        provider="a bank", target="http://127.0.0.1:1", flaw="", budget="deep", repeat="again",
    )  # fmt: skip
    again = recorded_campaign(tmp_path)
    assert [p.profile for p in again.profiles] == [p.profile for p in left.profiles], "in the run's own sequence"
    for name in (
        "result",
        "exit_code",
        "doubts",
        "not_run",
        "left_out",
        "required",
        "provider",
        "target",
        "repeat",
        "budget",
    ):
        assert getattr(again, name) == getattr(left, name), name
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    write_all(again, tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before, "byte by byte"


@pytest.mark.parametrize(
    ("end", "code"),
    [({"interrupted": True}, 130), ({"failure": "gone"}, 4), ({"failure": "the key is wrong", "failed_with": 2}, 2)],
)
def test_an_end_before_any_journal_is_told_again(tmp_path: Path, end: dict[str, Any], code: int) -> None:
    evidence(tmp_path, not_run=("none",), **end)
    again = recorded_campaign(tmp_path)
    assert (again.exit_code, again.result, again.not_run) == (code, Result.INCONCLUSIVE, ("none",))


def test_a_result_that_was_made_better_changes_no_verdict(tmp_path: Path) -> None:
    evidence(tmp_path, "violated-visibility")
    data = json.loads((tmp_path / "result.json").read_text())
    for g in data["profiles"][0]["guarantees"]:
        if g["id"] != "answers-match-schema":
            g["result"] = "HELD"
    edit(tmp_path, profiles=data["profiles"], result="HELD", exit_code=0)
    again = recorded_campaign(tmp_path)
    assert (again.result, again.exit_code) == (Result.VIOLATED, 1)
    assert any("result.json says HELD for acknowledged-order-visible, and judged again it is VIOLATED" in note
               for note in again.profiles[0].verdict.notes)  # fmt: skip


def test_a_run_without_its_result_is_no_pass(tmp_path: Path) -> None:
    evidence(tmp_path, "held")
    (tmp_path / "result.json").unlink()
    again = recorded_campaign(tmp_path)
    assert (again.exit_code, again.result) == (4, Result.INCONCLUSIVE)
    assert "whether all of its profiles were run is not known" in again.failure


def test_a_journal_that_is_gone_or_another_is_refused(tmp_path: Path) -> None:
    evidence(tmp_path, "held", "violated-visibility")
    journal = tmp_path / "violated-visibility" / "journal.jsonl"
    journal.write_bytes((tmp_path / "held" / "journal.jsonl").read_bytes())
    with pytest.raises(FileError, match="its SHA-256 is another one"):
        recorded_campaign(tmp_path)
    journal.unlink()
    with pytest.raises(FileError, match="cannot be read"):
        recorded_campaign(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"ackord": "result"}',
        '{"ackord": "result", "profiles": [3]}',
        "\xff",
        '{"ackord": "result", "version": 1}',
        '{"ackord": "result", "version": 1, "profiles": [3]}',
        '{"ackord": "result", "version": 2, "profiles": []}',
    ],
)
def test_a_damaged_result_is_one_error(tmp_path: Path, text: str) -> None:
    evidence(tmp_path, "held")
    (tmp_path / "result.json").write_text(text, encoding="latin-1")
    with pytest.raises(FileError, match=r"result\.json: this is not a result of Ackord"):
        recorded_campaign(tmp_path)


def test_a_run_judged_by_a_document_needs_it_again(tmp_path: Path) -> None:
    evidence(tmp_path, "held")
    data = json.loads((tmp_path / "result.json").read_text())
    (schema,) = [g for g in data["profiles"][0]["guarantees"] if g["id"] == "answers-match-schema"]
    schema["result"] = "VIOLATED"
    edit(tmp_path, profiles=data["profiles"])
    with pytest.raises(UsageError, match="--openapi"):
        recorded_campaign(tmp_path)


def test_a_folder_without_evidence_is_one_error(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match="holds no evidence of a run"):
            recorded_campaign(folder)


def test_a_result_of_a_version_that_did_not_tell_what_is_missing_is_read(tmp_path: Path) -> None:
    evidence(tmp_path, "cut-off")
    whole = recorded_campaign(tmp_path)
    data = json.loads((tmp_path / "result.json").read_text())
    del data["next_steps"]
    assert sum(g.pop("missing", None) == "whole-run" for g in data["profiles"][0]["guarantees"]) > 0
    (tmp_path / "result.json").write_text(json.dumps(data))
    again = recorded_campaign(tmp_path)
    assert [p.verdict for p in again.profiles] == [p.verdict for p in whole.profiles]
