"""``ackord campaign`` as a user runs it: two contracts, taken up again, and refused with other options."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


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
