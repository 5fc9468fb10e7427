"""The command; what it does on servers is in tests/unit/project/test_job_comment.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_EVENT_PATH", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_comment_or_a_job_it_says_what_is_missing(run: Any, tmp_path: Path) -> None:
    code, _, said = run("comment", "out")
    assert code == 2 and "out/ackord-pr-comment.md: it cannot be read" in said
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ackord-pr-comment.md").write_text("<!-- ackord: x -->\n")
    code, _, said = run("comment", "out")
    assert code == 2 and "this is no job of GitHub Actions" in said


def test_a_job_of_no_pull_request_is_no_failure(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ackord-pr-comment.md").write_text("<!-- ackord: x -->\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, said, _ = run("comment", ".")
    assert (code, said) == (0, "no comment: this job is about no pull request\n")
