from __future__ import annotations

from pathlib import Path

import pytest

from ackord.core.result import CampaignResult
from ackord.errors import UsageError
from ackord.report import REPORTS, Report, write_all
from ackord.report.github import VARIABLE

from .build import campaign, judged, profile


def test_reports_are_known_by_name() -> None:
    assert REPORTS.names()[:4] == ["json", "junit", "github", "timeline"]


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="registered already"):
        REPORTS.add("json", REPORTS.get("junit"))


def test_all_of_them_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    files = write_all(campaign(profile("a", judged())), tmp_path / "new" / "folder")
    assert [f.name for f in files] == ["result.json", "junit.xml", "timeline.html"]
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
    assert {"result.json", "junit.xml", "timeline.html", "good.txt"} <= {p.name for p in tmp_path.iterdir()}


def test_a_report_of_ackord_s_own_that_raises_is_not_blamed_on_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(result: CampaignResult, out: Path) -> Path:
        raise KeyError("rows")

    monkeypatch.setattr(REPORTS, "_things", {**REPORTS._things, "junit": Report("junit", "Raises.", broken)})
    with pytest.raises(KeyError):
        write_all(campaign(profile("a", judged())), tmp_path)
