from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ackord.core.verdict import Result
from ackord.errors import FileError
from ackord.report.github import ANNOTATIONS, VARIABLE, error_commands, write
from ackord.report.markdown import summary

from .build import ONCE, REPEAT, VISIBLE, campaign, judged, profile


def test_without_the_variable_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert write(campaign(profile("a", judged(result=Result.VIOLATED))), Path("out")) is None
    assert capsys.readouterr().out == ""


def test_the_summary_is_appended_and_annotations_are_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "summary.md"
    file.write_text("what stood there before\n")
    monkeypatch.setenv(VARIABLE, str(file))
    result = campaign(profile("a", judged(result=Result.VIOLATED)))
    assert write(result, tmp_path) == file
    assert file.read_text().startswith("what stood there before\n## Ackord: reference")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"::error title=Ackord%3A {VISIBLE} VIOLATED::it went wrong%0A")
    assert REPEAT in line


def test_a_summary_that_cannot_be_written_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(FileError, match=VARIABLE):
        write(campaign(), tmp_path)


def test_a_command_cannot_be_forged_by_an_answer() -> None:
    evil = "100% wrong\r\n::error::forged\x1b[0m"
    (line,) = error_commands(campaign(profile("a", judged(result=Result.VIOLATED, summary=evil))))
    assert "\n" not in line and "\r" not in line and "\x1b" not in line
    assert "100%25 wrong%0D%0A\\x3a:error::forged" in line


@pytest.mark.parametrize("broken", [1, 10, 11, 25])
def test_there_are_ten_annotations_at_most_and_each_guarantee_is_named(broken: int) -> None:
    ids = [f"guarantee-{i:02}" for i in range(broken)]
    lines = error_commands(campaign(profile("a", *[judged(name, Result.VIOLATED) for name in ids])))
    assert len(lines) == min(broken, ANNOTATIONS)
    for name in ids:
        assert sum(name in line for line in lines) == 1


def test_what_follows_is_named_with_its_cause() -> None:
    follows = replace(judged(VISIBLE, Result.VIOLATED), follows_from=ONCE)
    result = campaign(profile("a", follows, judged(ONCE, Result.VIOLATED)))
    first, second = error_commands(result)
    assert ONCE in first and "follows" not in first
    assert VISIBLE in second and f"; it follows from {ONCE}" in second
    assert f"- VIOLATED `{VISIBLE}` under a; it follows from {ONCE}" in summary(result)


def test_an_annotation_points_to_the_line_of_the_contract() -> None:
    result = campaign(
        profile("a", judged(result=Result.VIOLATED), judged(ONCE, Result.VIOLATED)),
        contract_file="contracts/a,b.yaml",
        contract_lines={VISIBLE: 57},
    )
    first, second = error_commands(result)
    assert first.startswith(f"::error file=contracts/a%2Cb.yaml,line=57,title=Ackord%3A {VISIBLE} VIOLATED::")
    assert second.startswith("::error file=contracts/a%2Cb.yaml,line=1,title=")


def test_the_annotation_for_all_that_remain_points_into_the_contract_too() -> None:
    guarantees = [judged(f"guarantee-{i:02}", Result.VIOLATED) for i in range(12)]
    lines = error_commands(campaign(profile("a", *guarantees), contract_file="mine.yaml"))
    assert len(lines) == ANNOTATIONS
    assert all(line.startswith("::error file=mine.yaml,line=1,title=Ackord") for line in lines)
