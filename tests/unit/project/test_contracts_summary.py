from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord.project.contracts_summary import (
    SUMMARY_FILE,
    ContractOutcome,
    printed,
    render_comment,
    write_summary,
)
from ackord.report.pr_comment import LIMIT_CHARACTERS


def outcome(folder: Path, name: str, code: int = 0, sentence: str = "HELD: 3 guarantees held.") -> ContractOutcome:
    return ContractOutcome(name, f"{name}.yaml", code, sentence, folder / name, f"ackord certify {name}.yaml")


def test_three_files_and_the_summary_of_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    write_summary([outcome(tmp_path, "a"), outcome(tmp_path, "b", 1, "VIOLATED: `x` | <y>")], tmp_path)
    data = json.loads((tmp_path / SUMMARY_FILE).read_text())
    assert (data["exit_code"], [c["result"] for c in data["contracts"]]) == (1, ["a/result.json", "b/result.json"])
    markdown = (tmp_path / "ackord-contracts.md").read_text()
    assert "**1 of 2 contracts held. Exit code 1.**" in markdown
    assert r"| b | 1 | VIOLATED: \`x\` \| &lt;y&gt; |" in markdown
    assert (tmp_path / "step.md").read_text() == markdown


def test_what_was_not_reached_is_said(tmp_path: Path) -> None:
    write_summary([outcome(tmp_path, "a")], tmp_path, ["b", "c"])
    data = json.loads((tmp_path / SUMMARY_FILE).read_text())
    assert data["not_judged"] == ["b", "c"]
    assert "1 of 3 contracts held. Exit code 130." in (tmp_path / "ackord-contracts.md").read_text()


def test_a_comment_holds_the_comments_of_all_as_far_as_they_fit(tmp_path: Path) -> None:
    outcomes = [outcome(tmp_path, name) for name in "abc"]
    for o, size in zip(outcomes, (100, LIMIT_CHARACTERS, 100), strict=True):
        o.evidence.mkdir()
        (o.evidence / "ackord-pr-comment.md").write_text(f"<!-- ackord: {o.name} -->\n{o.name * size}\n")
    body = render_comment(outcomes)
    assert body.startswith("<!-- ackord: contracts -->\n")
    assert body.count("<!-- ackord") == 1
    assert len(body) <= LIMIT_CHARACTERS
    assert "a" * 100 in body and "c" * 100 in body and "bb" not in body
    assert "1 contract more in the evidence" in body


def test_the_last_line_of_a_terminal_is_the_whole(tmp_path: Path) -> None:
    lines = printed([outcome(tmp_path, "a"), outcome(tmp_path, "longer", 4, "no \x1b[31m PostgreSQL")])
    assert lines[1].startswith("a       HELD: 3")
    assert lines[2].startswith("longer  no \\x1b[31m PostgreSQL")
    assert lines[-1] == "1 of 2 contracts held. Exit code 4."
