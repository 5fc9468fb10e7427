"""The words of ``ackord report``; what it writes is in tests/live/test_reports_again.py."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from ackord import cli
from ackord.report import REPORTS
from tests.golden.campaigns import journal_of


@pytest.fixture
def evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that was killed: journals, and no result."""
    for name in ("held", "violated-visibility"):
        (tmp_path / "out" / name).mkdir(parents=True)
        shutil.copy(journal_of(name), tmp_path / "out" / name / "journal.jsonl")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *a: None)
    return Path("out")


def report(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["ackord", "report", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_every_report_goes_into_the_folder(
    evidence: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(monkeypatch, "out") == 0
    names = [r.file for r in REPORTS if r.file]
    assert capsys.readouterr().out.splitlines() == [f"out/{name}" for name in names]
    assert all((evidence / name).is_file() for name in names)


def test_githubs_summary_is_not_written_twice_unasked(evidence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert report(monkeypatch, "out") == 0
    assert not Path("summary.md").exists()
    assert report(monkeypatch, "out", "--format", "github") == 0
    assert Path("summary.md").read_text() == (evidence / "ackord-summary.md").read_text()


def test_chosen_ones_go_elsewhere(evidence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report(monkeypatch, "out", "--format", "sarif", "--format", "badge", "--out", "new/folder") == 0
    assert sorted(p.name for p in Path("new/folder").iterdir()) == ["ackord-badge.json", "ackord.sarif"]
    assert not (evidence / "ackord.sarif").exists()


def test_one_goes_to_standard_output_alone(
    evidence: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(monkeypatch, "out", "--format", "json", "--out", "-") == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["result"], data["profiles"][0]["journal"]) == ("VIOLATED", "held/journal.jsonl")
    assert not (evidence / "result.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere holds no evidence of a run"),
        ([".", "--format", "junit"], ". holds no evidence of a run"),
        (["out", "--format", "sarrif"], 'Did you mean "sarif"?'),
        (["out", "--out", "-"], "standard output takes one report"),
        (["out", "--format", "sarif", "--format", "json", "--out", "-"], "standard output takes one report"),
        (["out", "--format", "github"], "nothing was written: github has nowhere to go here"),
        (["out", "--format", "github", "--out", "-"], "no file"),
    ],
)
def test_a_mistake_is_one_error(
    words: list[str], said: str, evidence: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert report(monkeypatch, *words) == 2
    captured = capsys.readouterr()
    assert said in captured.err and "Traceback" not in captured.err
    assert captured.out == ""
    assert sorted(p.name for p in evidence.iterdir()) == ["held", "violated-visibility"]
