"""A command on a worker: its evidence comes back, and what is no master is told. tests/live/test_campaign.py has Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import FileError, UsageError
from ackord.run.spark_commands import SparkCommands, _packed, _run, _Task, _unpack


def test_what_is_no_master_is_told() -> None:
    with pytest.raises(UsageError, match="--engine ray: expected a master of Spark"):
        SparkCommands("ray")


def test_a_command_is_run_and_says_how_it_ended() -> None:
    done = _run(_Task(("certify", "no-such-contract")))
    assert (done.exit_code, done.packed) == (2, b"") and "no-such-contract" in done.said


def test_evidence_comes_back_as_it_was(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    (there / "none").mkdir(parents=True)
    (there / "none" / "journal.jsonl").write_bytes(b"{}\n")
    (there / "result.json").write_bytes(b"1")
    _unpack(_packed(there), here)
    assert {path.relative_to(here).as_posix(): path.read_bytes() for path in here.rglob("*") if path.is_file()} == {
        "none/journal.jsonl": b"{}\n", "result.json": b"1",
    }  # fmt: skip
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError, match="the evidence of a run cannot be written"):
        _unpack(_packed(there), tmp_path / "file" / "run")
