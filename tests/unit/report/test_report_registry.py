from __future__ import annotations

from pathlib import Path

import pytest

from ackord.report import REPORTS, write_all
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
