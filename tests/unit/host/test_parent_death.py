from __future__ import annotations

import subprocess
import sys

from tests.live.test_grid_killed import runs
from tests.waiting import until

CHILD = "import signal, sys, time; from ackord.host.parent_death import end_with_parent; end_with_parent(signal.SIGKILL); print(1, flush=True); time.sleep(600)"
PARENT = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {CHILD!r}], stdout=subprocess.PIPE); p.stdout.readline(); print(p.pid)"


def test_a_process_ends_when_the_one_that_started_it_is_gone() -> None:
    done = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, check=True)
    until(lambda: not runs(int(done.stdout)), "it has ended")
