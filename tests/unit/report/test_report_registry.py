from __future__ import annotations

from pathlib import Path

import pytest

from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.errors import UnknownNameError, UsageError
from ackord.masking import hide
from ackord.report import REPORTS, Report, write_all
from ackord.report.github import VARIABLE
from ackord.report.report_registry import rendered

from .build import ONCE, campaign, judged, profile


def test_reports_are_known_by_name() -> None:
    assert REPORTS.names()[:3] == ["json", "junit", "github"]
    assert {"html", "sarif", "ctrf", "gitlab", "markdown", "pr-comment", "badge", "badge-svg"} <= set(REPORTS.names())


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="registered already"):
        REPORTS.add("json", REPORTS.get("junit"))


def test_all_of_them_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    files = write_all(campaign(profile("a", judged())), tmp_path / "new" / "folder")
    assert [f.name for f in files] == [report.file for report in REPORTS if report.file]
    assert sorted(p.name for p in (tmp_path / "new" / "folder").iterdir()) == sorted(f.name for f in files)


def test_a_package_s_report_that_raises_is_named_and_the_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(result: CampaignResult, out: Path) -> Path:
        raise KeyError("rows")

    def good(result: CampaignResult, out: Path) -> Path:
        (out / "good.txt").write_text("written")
        return out / "good.txt"

    monkeypatch.delenv(VARIABLE, raising=False)
    outsiders = {"broken": Report("broken", "Raises.", broken), "good": Report("good", "Writes.", good)}
    monkeypatch.setattr(REPORTS, "_things", {**REPORTS._things, **outsiders})
    with pytest.raises(
        UsageError, match=r"the report 'broken' was not written: .*test_report_registry.py:\d+: KeyError"
    ):
        write_all(campaign(profile("a", judged())), tmp_path)
    assert {"result.json", "junit.xml", "report.html", "good.txt"} <= {p.name for p in tmp_path.iterdir()}


def test_a_report_of_ackord_s_own_that_raises_is_not_blamed_on_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(result: CampaignResult, out: Path) -> Path:
        raise KeyError("rows")

    monkeypatch.setattr(REPORTS, "_things", {**REPORTS._things, "junit": Report("junit", "Raises.", broken)})
    with pytest.raises(KeyError):
        write_all(campaign(profile("a", judged())), tmp_path)


def test_reports_are_written_by_name(tmp_path: Path) -> None:
    files = write_all(campaign(profile("a", judged())), tmp_path, ["junit", "badge"])
    assert [f.name for f in files] == ["junit.xml", "ackord-badge.json"]
    with pytest.raises(UnknownNameError, match="sarif"):
        write_all(campaign(), tmp_path, ["sarrif"])


@pytest.mark.parametrize("report", [r for r in REPORTS if r.file], ids=lambda report: report.name)
def test_standard_output_is_given_what_the_file_holds(report: Report, tmp_path: Path) -> None:
    result = campaign(profile("a", judged(result=Result.VIOLATED)), profile("b"), not_run=("c",))
    (path,) = write_all(result, tmp_path, [report.name])
    assert rendered(report, result, tmp_path) == path.read_bytes()


def test_a_report_without_a_file_is_refused_on_standard_output(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        rendered(REPORTS.get("github"), campaign(), tmp_path)


def test_no_report_shows_a_secret(tmp_path: Path) -> None:
    hide("sk_canary_5f2e")
    evil = "it said sk_canary_5f2e"
    result = campaign(
        profile("a", judged(result=Result.VIOLATED, summary=evil), judged(ONCE, Result.INCONCLUSIVE, evil)),
        provider=evil,
    )
    for path in write_all(result, tmp_path):
        assert b"canary" not in path.read_bytes(), path.name
