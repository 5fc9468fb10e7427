"""A command on a worker: its evidence comes back, and what is no master is told. tests/live/test_campaign.py has Spark."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ackord.errors import FileError, UsageError
from ackord.host.process_identity import identify
from ackord.host.run_dir import sweep
from ackord.run.spark_commands import SparkCommands, _packed, _run, _Task, _unpack

from ...golden.campaigns import journal_of
from ...waiting import until


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


def opened(pid: int) -> list[str]:
    links = []
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            links.append(str(link.readlink()))
        except OSError:
            continue
    return links


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Path]]:
    """Kills the worker of a command that waits, and the command, too, if ``command`` says so; returns what is left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    runs = tmp_path / f"ackord-{os.getuid()}"
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b"".join(journal_of("held").read_bytes().splitlines(keepends=True)[:-1]))
    # Whoever started the tests may ignore SIGHUP (nohup), which children inherit; Spark's workers do not.
    task = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); "
    task += f"from ackord.run.spark_commands import _run, _Task; _run(_Task(('audit', '--follow', {str(journal)!r})))"

    def kill(*, command: bool) -> list[Path]:
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        worker = subprocess.Popen([sys.executable, "-c", task], env=environment, start_new_session=True)
        found: list[int] = []

        def follows() -> bool:
            found[:] = map(int, Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split())
            return bool(found) and str(journal) in opened(found[0])

        until(follows, "the command reads the journal")
        assert len(list(runs.glob("run-*"))) == 1
        if command:
            worker.send_signal(signal.SIGSTOP)
            os.kill(found[0], signal.SIGKILL)
        os.killpg(worker.pid, signal.SIGKILL if command else signal.SIGHUP)  # the latter is how Spark ends workers
        worker.wait(60)
        until(lambda: identify(found[0]) is None, "the command has ended")
        return list(runs.glob("run-*"))

    return kill


def test_a_command_whose_worker_was_killed_removes_the_task_s_folder(killed: Callable[..., list[Path]]) -> None:
    assert killed(command=False) == []


def test_where_the_command_is_killed_too_the_next_run_removes_it(killed: Callable[..., list[Path]]) -> None:
    left = killed(command=True)
    assert len(left) == 1
    assert sweep() == left
