"""A pool of workers: results, a worker that is killed, and its end, whoever asks for it."""

from __future__ import annotations

import math
import operator
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.worker_pool import WorkerPool

from ...waiting import until

PROGRAM = """
import os, signal, sys
from ackord.host.worker_pool import WorkerPool

def work(at):
    print("works", flush=True)
    signal.pause()

def interrupted(*_):
    signal.raise_signal(signal.SIGINT)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, interrupted)
    try:
        with WorkerPool(2, int) as pool:
            for _ in pool.results(work, [(at,) for at in range(40)], what="", mend=""):
                pass
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_results_come_from_workers_that_are_prepared(tmp_path: Path) -> None:
    with WorkerPool(2, os.chdir, str(tmp_path)) as pool:
        found = pool.results(operator.mul, [(n, n) for n in range(9)], what="", mend="")
        assert sorted(found) == [n * n for n in range(9)]
        assert pool.submit(os.getcwd).result() == str(tmp_path)
        assert pool.submit(os.getpid).result() != os.getpid()


def test_an_error_of_the_work_is_raised_as_it_is() -> None:
    with WorkerPool(1, int) as pool, pytest.raises(ValueError, match="math domain error"):
        list(pool.results(math.sqrt, [(-1,)], what="", mend=""))


def test_a_worker_that_is_killed_is_an_error_that_says_what_helps() -> None:
    with WorkerPool(1, int) as pool:
        os.kill(pool.submit(os.getpid).result(), signal.SIGKILL)
        with pytest.raises(EnvironmentFailed, match=r"ended before it was done, perhaps .*\n  mend: do less"):
            list(pool.results(signal.pause, [()], what="it was done", mend="do less"))


def test_who_closes_it_does_not_wait_for_work() -> None:
    with WorkerPool(1, int) as pool:
        worker = pool.submit(os.getpid).result()
        pool.submit(signal.pause)
        waiting = pool.submit(signal.pause)
    assert not Path(f"/proc/{worker}").exists()
    assert waiting.done()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_of_them_ends_them_without_a_word(number: signal.Signals, tmp_path: Path) -> None:
    """As a terminal and ``timeout`` send it."""
    file, said = tmp_path / "program.py", tmp_path / "said.txt"
    file.write_text(PROGRAM)
    with said.open("w") as output:
        program = subprocess.Popen(
            [sys.executable, str(file)], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    until(lambda: said.read_text().count("works") == 2 or program.poll() is not None, "both workers work")
    os.killpg(program.pid, number)
    assert program.wait(60) == 130
    assert said.read_text() == "works\n" * 2
    until(lambda: not _is_there(program.pid), "nothing of the group is left")


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
