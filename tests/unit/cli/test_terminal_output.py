"""What is printed where; whole commands are in tests/live/test_reports_again.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ackord import __version__, cli
from ackord.cli.terminal_output import TerminalOutput
from ackord.core.verdict import MissingEvidence, Result
from ackord.errors import AckordError, EnvironmentFailed, UsageError
from ackord.report import REPORTS
from tests.unit.report.build import ONCE, VISIBLE, campaign, judged, profile


def output(*, quiet: bool = False, verbose: bool = False, as_json: bool = False) -> TerminalOutput:
    return TerminalOutput(quiet=quiet, verbose=verbose, as_json=as_json)


BROKEN = campaign(
    profile("a", *[judged(f"guarantee-{i}", Result.VIOLATED) for i in range(5)]),
    profile("b", judged(ONCE, Result.INCONCLUSIVE, "too little")),
)


def test_quiet_is_a_line_for_what_is_broken_or_unknown_and_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    output(quiet=True).show(BROKEN, Path())
    said = capsys.readouterr().out
    assert "guarantee" in said and "repeat" not in said and "ledger" not in said
    assert [said.count(f"VIOLATED guarantee-{i} ") for i in range(5)] == [1] * 5
    assert "INCONCLUSIVE under b: too little" in said
    assert said.splitlines()[-1].startswith("VIOLATED: 5 of 6 guarantees violated")
    assert max(map(len, said.splitlines()[:-1])) <= 80


def test_quiet_about_what_held_is_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    output(quiet=True).show(campaign(profile("a", judged())), Path())
    assert capsys.readouterr().out == "evidence out\nHELD: 1 guarantee held under 1 profile. Exit code 0.\n"


def test_verbose_explains_all_and_lists_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    output().show(BROKEN, Path())
    assert capsys.readouterr().out.count("repeat with") == 3
    output(verbose=True).show(BROKEN, Path(), [Path("out/junit.xml")])
    said = capsys.readouterr().out
    assert said.count("repeat with") == 5
    assert said.splitlines()[-2] == "written   out/junit.xml"


def test_json_alone_is_on_standard_output(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mine = output(as_json=True)
    with mine.apart():
        print("an annotation")
    mine.show(BROKEN, tmp_path)
    captured = capsys.readouterr()
    assert json.loads(captured.out)["exit_code"] == 1
    assert captured.err.splitlines()[0] == "an annotation"
    assert captured.err.splitlines()[-1].startswith("VIOLATED: ")


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(UsageError, match="contradict"):
        output(quiet=True, verbose=True)


def test_progress_is_no_part_of_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    class Now:
        profile, phase, operations, exposures, violations, result = "a", "steady", 3, 2, 0, None

    with output().progress(["a"]) as display:
        display.update(Now())
    captured = capsys.readouterr()
    assert (captured.out, captured.err.startswith("a: steady")) == ("", True)
    with output(quiet=True).progress(["a"]) as display:
        display.update(Now())
    assert capsys.readouterr() == ("", "")


FAILURES = [
    (UsageError("the provider refuses your key"), 2),
    (EnvironmentFailed("PostgreSQL does not start"), 4),
    (OSError(24, "Too many open files"), 4),
    (KeyboardInterrupt(), 130),
]


@pytest.mark.parametrize(("why", "code"), FAILURES, ids=lambda value: getattr(type(value), "__name__", None))
@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_ends_a_run_the_reports_are_written(
    why: AckordError | KeyboardInterrupt, code: int, as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def so_far(ended_by: AckordError | KeyboardInterrupt) -> object:
        if isinstance(ended_by, KeyboardInterrupt):
            return campaign(profile("a", judged(VISIBLE)), interrupted=True)
        return campaign(not_run=("a",), failure=str(ended_by), failed_with=ended_by.exit_code)

    with pytest.raises(type(why)), output(as_json=as_json).reported(tmp_path, so_far):  # type: ignore[arg-type]
        raise why
    assert {p.name for p in tmp_path.iterdir()} == {report.file for report in REPORTS if report.file}
    data = json.loads((tmp_path / "result.json").read_text())
    assert (data["result"], data["exit_code"]) == ("INCONCLUSIVE", code)
    printed = capsys.readouterr().out
    assert (json.loads(printed)["exit_code"] if as_json else printed) == (code if as_json else "")


def test_where_no_folder_is_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mine"), output().reported(tmp_path / "none", lambda why: campaign()):
        raise UsageError("mine")
    assert list(tmp_path.iterdir()) == []


def test_reports_that_cannot_be_written_hide_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "result.json").mkdir()
    with pytest.raises(EnvironmentFailed, match="mine"), output().reported(tmp_path, lambda why: campaign()):
        raise EnvironmentFailed("mine")
    assert "the reports were not written" in capsys.readouterr().err


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("signal.signal", lambda *a: None)
    monkeypatch.setattr(sys, "argv", ["ackord", "--version"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert capsys.readouterr().out == f"ackord {__version__}\n"


def test_the_shell_completes_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("signal.signal", lambda *a: None)
    monkeypatch.setattr(sys, "argv", ["ackord"])
    for name, value in (("_ACKORD_COMPLETE", "complete_bash"), ("COMP_WORDS", "ackord re"), ("COMP_CWORD", "1")):
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().out.split() == ["reconcile", "replay", "report"]


@pytest.mark.parametrize("command", [[], ["certify"], ["drill"], ["audit"], ["report"]], ids=" ".join)
def test_help_fits_into_80_columns(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("signal.signal", lambda *a: None)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "argv", ["ackord", *command, "--help"])
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert command == ["report"] or "Exit codes: 0 every guarantee held" in said


def test_quiet_says_what_to_do_next_once(capsys: pytest.CaptureFixture[str]) -> None:
    unknown = [judged(name, Result.INCONCLUSIVE, name, missing=MissingEvidence.EXPOSURE) for name in (VISIBLE, ONCE)]
    output(quiet=True).show(campaign(profile("a", *unknown), profile("b", *unknown)), Path())
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.startswith("next:")] == [
        "next: send more orders for it to happen to: --budget standard, or deep"
    ]
    assert said[-2] == "evidence out"
