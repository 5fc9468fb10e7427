from __future__ import annotations

import os
import subprocess
import sys


def run(grid: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "ackord.cli.grid_command", str(grid), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_runs_the_command() -> None:
    done = run(os.getpid())
    assert (done.returncode, done.stdout.partition(" ")[0]) == (0, "ackord")


def test_it_runs_nothing_for_a_grid_that_is_gone() -> None:
    done = run(1)
    assert (done.returncode, done.stdout) == (130, "")
