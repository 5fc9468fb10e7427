"""Every plug-in of another package is found, and one that cannot be used says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.run import doctor
from ackord.run.installed_plugins import installed_plugins

CODE = """
from ackord.report.report_registry import Report

GOOD = Report("acme", "acme.txt, for a test", lambda campaign, folder: None)
TAKEN = Report("json", "a name that is taken", lambda campaign, folder: None)
"""
ENTRY_POINTS = """
[ackord.reports]
acme = acme_parts:GOOD
json = acme_parts:TAKEN
[ackord.faults]
gone = acme_nowhere:Gone
[ackord.extractors]
wrong = acme_parts:GOOD
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package with one plug-in that can be used and three that cannot."""
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (tmp_path / "acme_parts.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("acme")
def test_plugins_are_listed_with_their_package_and_what_is_wrong_with_them() -> None:
    found = {(p.kind, p.name): p for p in installed_plugins() if p.package == "acme 1.0"}
    problems = {key: p.problem for key, p in found.items()}
    assert problems[("report", "acme")] == ""
    assert problems[("report", "json")] == "a report called 'json' is registered already"
    assert "acme_nowhere" in problems[("fault", "gone")]
    assert problems[("extractor", "wrong")] == "TypeError: expected a Extractor, found Report"


@pytest.mark.usefixtures("acme")
def test_the_doctor_tells_which_cannot_be_loaded_and_what_needs_them() -> None:
    checks = dict(doctor._checks())
    good, gone, wrong = (checks[name]() for name in ("report acme", "fault gone", "extractor wrong"))
    assert (good.ok, good.says) == (True, "acme_parts:GOOD, from acme 1.0")
    assert (gone.ok, gone.mend) == (False, "mend or uninstall acme 1.0")
    assert (wrong.ok, wrong.mend) == (None, "a contract may need it: mend or uninstall acme 1.0")
    assert "plug-ins" not in checks


def test_without_any_the_doctor_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "installed_plugins", lambda: iter(()))
    assert dict(doctor._checks())["plug-ins"]().ok is True
