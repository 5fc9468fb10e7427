"""The program of one node: it is ended with all that it started, and its death is told with its last words."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.run_dir import RunDir
from ackord.providers.topology.node_program import NodeProgram

from ....waiting import until


@pytest.fixture
def run() -> Iterator[RunDir]:
    with RunDir.create() as run:
        yield run


def program(run: RunDir, folder: Path, *command: str) -> NodeProgram:
    return NodeProgram("a", command, folder, run)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_it_is_ended_with_what_it_has_started(run: RunDir, tmp_path: Path, end: str) -> None:
    node = program(run, tmp_path, "sh", "-c", "trap '' TERM; sleep 60 & echo $! > child; exec sleep 60")
    node.start({})
    until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text(), "it has started a child")
    child = int((tmp_path / "child").read_text())
    getattr(node, end)()
    until(lambda: gone(child), "its child is gone")
    assert node.death() == "", "it did not end by itself"
    node.stop()


def test_it_knows_the_links_and_stands_in_the_contract_s_folder(run: RunDir, tmp_path: Path) -> None:
    node = program(run, tmp_path, "sh", "-c", "echo $ACKORD_LINK_WAL > told")
    node.start({"ACKORD_LINK_WAL": "127.0.0.1:7"})
    until(lambda: node.death(), "it ended")
    assert (tmp_path / "told").read_text() == "127.0.0.1:7\n"


def test_its_own_end_is_told_with_its_last_words(run: RunDir, tmp_path: Path) -> None:
    node = program(run, tmp_path, "sh", "-c", "echo no database; exit 3")
    assert node.death() == "", "it has not been started"
    node.start({})
    until(lambda: node.death(), "it ended")
    assert "node a ended by itself (exit code 3)" in node.death()
    assert "no database" in node.death()


def test_a_stopped_one_stands_still_and_goes_on(run: RunDir, tmp_path: Path) -> None:
    node = program(run, tmp_path, "sh", "-c", "while :; do echo x >> beat; done")
    node.start({})
    beat = tmp_path / "beat"
    until(beat.exists, "it beats")
    node.signal(signal.SIGSTOP)
    until(lambda: beat.stat().st_size == beat.stat().st_size, "it stands still")
    size = beat.stat().st_size
    node.signal(signal.SIGCONT)
    until(lambda: beat.stat().st_size > size, "it goes on")
    node.kill()


def test_a_program_that_is_not_there_is_one_error(run: RunDir, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=r"node a: no-such-program cannot be started: .*\n.*topology\.nodes\.a"):
        program(run, tmp_path, "no-such-program").start({})
