"""The walk-throughs of the documents, as somebody new copies them: block by block, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from ackord.project.settings import read_settings

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documents are in a checkout only")


def block(document: str, name: str) -> str:
    found = re.search(rf"^<!-- {name} -->\n```\w+\n(.*?)^```", (DOCS / document).read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{document} has no block {name}"
    return found[1]


def shell(folder: Path, text: str) -> tuple[int, str]:
    """Run a block by bash as in an activated environment; the commands are this environment's."""
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("ackord", "pytest"):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} -m {name} "$@"\n')
        (programs / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GITHUB_"))}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env={**kept, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    return folder


def test_ci_a_job_that_passes_and_one_that_fails(folder: Path) -> None:
    code, said = shell(folder, block("CI.md", "ci: start"))
    assert code == 0, said
    assert 'target = "emulator"  # ackord.toml:' in said
    assert re.search(r"^HELD: \d+ guarantees held under 1 profile\. Exit code 0\.$", said, re.MULTILINE)
    workflow = yaml.safe_load((folder / ".github/workflows/ackord.yml").read_text())
    assert "certify" in workflow["jobs"]
    code, said = shell(folder, block("CI.md", "ci: broken"))
    assert code == 1, said
    assert re.search(r"^VIOLATED +resubmission-", said, re.MULTILINE)
    for name in re.findall(r"`(ackord-out/[\w.-]+)`", (DOCS / "CI.md").read_text()):
        assert (folder / name).is_file(), name
    cases = ET.parse(folder / "ackord-out" / "junit.xml").iter("testcase")
    assert [case.get("name") for case in cases if case.find("failure") is not None]
    code, said = shell(folder, block("CI.md", "ci: report"))
    assert code == 0, said
    assert sorted(path.name for path in (folder / "public").iterdir()) == ["ackord-badge.svg", "ackord-summary.md"]


def test_ci_the_settings_that_are_shown_are_understood(folder: Path) -> None:
    (folder / "ackord.toml").write_text(block("CI.md", "ci: settings"))
    settings = read_settings(folder / "ackord.toml")
    assert [entry.name for entry in settings.contracts] == ["", "bank-on-staging"]
    assert settings.settings["allow_hosts"] == ["provider"]


def test_qa_a_suite_of_one_s_own_in_ten_lines(folder: Path) -> None:
    suite = block("PYTEST.md", "qa: suite")
    assert len(suite.splitlines()) <= 10
    (folder / "test_payouts.py").write_text(suite)
    code, said = shell(folder, block("PYTEST.md", "qa: run"))
    assert code == 0, said
    assert "1 passed" in said
    code, said = shell(folder, block("PYTEST.md", "qa: broken"))
    assert code == 1, said
    assert "VIOLATED  acknowledged-order-visible" in said and "repeat with pytest test_payouts.py" in said
