"""Standard output that cannot be written; whole commands are in tests/live/test_full_disk.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ackord.cli.standard_output import checked_standard_output
from ackord.errors import EnvironmentFailed, UsageError


def as_standard_output(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    output = path.open("w")
    monkeypatch.setattr("sys.stdout", output)
    monkeypatch.setattr("sys.__stdout__", output)


def test_what_was_written_is_there_at_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    as_standard_output(monkeypatch, tmp_path / "out")
    with checked_standard_output():
        print("é", end="")
    assert (tmp_path / "out").read_text() == "é"


def test_a_full_device_is_the_environment_s_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    as_standard_output(monkeypatch, Path("/dev/full"))
    with pytest.raises(EnvironmentFailed, match="No space left on device"), checked_standard_output():
        print("x")
    sys.stdout.flush()  # as Python does once more when it ends


def test_the_error_of_a_command_is_not_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    as_standard_output(monkeypatch, tmp_path / "out")
    with pytest.raises(UsageError, match="mine"), checked_standard_output():
        raise UsageError("mine")


def test_an_output_that_somebody_replaced_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    with checked_standard_output():
        print("x")
    assert sys.stdout is before
    assert capsys.readouterr().out == "x\n"


@pytest.mark.parametrize(
    ("closed", "words", "code"),
    [
        (">&-", "profile list", 0),
        (">&-", "profile check nobody", 2),
        ("2>&-", "profile check nobody", 2),
        ("<&- >&- 2>&-", "profile list", 0),
    ],
)
def test_a_stream_that_was_closed_before_the_start_changes_no_exit_code(closed: str, words: str, code: int) -> None:
    command = f'exec "$0" -m ackord {words} {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_no_file_gets_the_number_of_a_closed_stream() -> None:
    program = (
        "import os, subprocess, sys\n"
        "from ackord.cli.standard_output import open_closed_streams\n"
        "open_closed_streams()\n"
        "mine = os.open(sys.executable, os.O_RDONLY)\n"
        "child = subprocess.run([sys.executable, '-c', 'print(1)'])\n"
        "sys.exit(mine > 2 and child.returncode == 0)\n"
    )
    command = ["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, program]
    assert subprocess.run(command, check=False).returncode == 1
