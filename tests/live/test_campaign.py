"""``ackord campaign`` as a user runs it: two contracts, taken up again, and refused with other options."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ackord.host.spark_session import missing_for_spark


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "ackord", "campaign", *words, "--out", "runs"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_many_runs_have_one_verdict_and_are_not_run_twice(tmp_path: Path) -> None:
    words = ["paystack-transfers", "dwolla", "--target", "emulator", "--profile", "none", "--seeds", "1", "--jobs", "2"]
    done = run(tmp_path, *words)
    assert done.returncode in (0, 1), done.stderr
    summary = json.loads((tmp_path / "runs" / "campaign.json").read_text())
    assert sorted(r["contract"] for r in summary["runs"]) == ["dwolla", "paystack-transfers"]
    assert summary["exit_code"] == done.returncode
    assert all((tmp_path / "runs" / f"{r['contract']}-seed1" / "result.json").is_file() for r in summary["runs"])

    again = run(tmp_path, *words)
    assert (again.returncode, again.stdout) == (done.returncode, done.stdout)
    assert " seed 1: " not in again.stderr

    other = run(tmp_path, *words[:-4], "--budget", "standard")
    assert other.returncode == 2
    assert "runs holds the runs of another campaign" in other.stderr
    assert "--budget standard" in other.stderr


@pytest.mark.full
@pytest.mark.skipif(bool(missing_for_spark()), reason="pyspark or Java is not here: pip install 'ackord[spark]'")
def test_the_runs_are_tasks_of_spark(tmp_path: Path) -> None:
    words = ["paystack-transfers", "dwolla", "--target", "emulator", "--profile", "none", "--seeds", "1", "--jobs", "2"]
    done = run(tmp_path, *words, "--engine", "local[2]")
    assert done.returncode in (0, 1), done.stderr
    runs = json.loads((tmp_path / "runs" / "campaign.json").read_text())["runs"]
    assert sorted(r["contract"] for r in runs) == ["dwolla", "paystack-transfers"]
    for r in runs:
        folder = tmp_path / "runs" / f"{r['contract']}-seed1"
        assert json.loads((folder / "result.json").read_text())["result"] == r["result"]
        assert (folder / "none" / "journal.jsonl").is_file()
    assert run(tmp_path, *words).stdout == done.stdout, "what is there is not run again, wherever it ran"


def test_what_is_no_master_of_spark_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, "dwolla", "--target", "emulator", "--seeds", "1", "--engine", "ray://head:10001")
    assert done.returncode == 2 and "expected a master of Spark" in done.stderr
