"""A grid of commands that is killed leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from ..waiting import until


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_campaign_leaves_nothing_running(tmp_path: Path) -> None:
    words = ["campaign", "reference", "--profile", "none", "--seeds", "1", "--out", str(tmp_path / "runs")]
    grid = subprocess.Popen([sys.executable, "-P", "-m", "ackord", *words], stderr=subprocess.DEVNULL)
    found: list[int] = []

    def begun() -> bool:
        threads = Path(f"/proc/{grid.pid}/task").iterdir()
        found[:] = [int(n) for thread in threads for n in (thread / "children").read_text().split()]
        return bool(found) and len(children(found[0])) >= 2

    until(begun, "a run has started its processes")
    inside = [found[0], *children(found[0])]
    os.kill(grid.pid, signal.SIGKILL)
    grid.wait()
    until(lambda: not any(map(runs, inside)), "the run and its processes have ended")
