"""Run folders: nothing of a run stays behind, and nobody else's process is ended for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.process_identity import ProcessIdentity, end_process, identify
from ackord.host.run_dir import RunDir, sweep

from ...waiting import until


@pytest.fixture(autouse=True)
def own_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)


def test_a_run_folder_is_gone_after_the_run() -> None:
    with RunDir.create() as run:
        assert run.folder("data").is_dir()
    assert not run.path.exists()


def test_others_can_pass_through_but_not_look_around() -> None:
    with RunDir.create() as run:
        assert run.path.stat().st_mode & 0o777 == 0o711
        assert run.path.parent.stat().st_mode & 0o777 == 0o711


def test_a_recorded_process_ends_with_the_run() -> None:
    child = sleeper()
    with RunDir.create() as run:
        run.record(child.pid)
    assert child.wait(5) == -signal.SIGTERM


def test_a_run_whose_owner_died_is_swept_with_its_processes() -> None:
    child = sleeper()
    run = RunDir.create()
    run.record(child.pid, polite=signal.SIGUSR1)  # one that leaves no core, which a busy machine writes for seconds
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (run.path / "owner.json").write_text(json.dumps([dead.pid, 1]))
    assert sweep() == [run.path]
    assert child.wait(5) == -signal.SIGUSR1
    assert not run.path.exists()


def test_a_run_whose_owner_lives_is_left_alone() -> None:
    with RunDir.create() as run:
        assert sweep() == []
        assert run.path.exists()


def test_a_number_that_another_process_has_now_is_not_ended() -> None:
    me = identify(os.getpid())
    assert me is not None
    assert not end_process(ProcessIdentity(me.pid, me.started_ticks + 1))


def test_a_process_that_will_not_end_is_killed() -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    child.stdout.readline()
    who = identify(child.pid)
    assert who is not None
    assert end_process(who, wait_s=0.05)
    assert child.wait(5) == -signal.SIGKILL
    child.stdout.close()


def test_a_root_that_others_may_write_is_refused(own_tmp: Path) -> None:
    root = own_tmp / f"ackord-{os.getuid()}"
    root.mkdir()
    root.chmod(0o777)
    with pytest.raises(EnvironmentFailed, match="others may write"):
        RunDir.create()


def abandoned() -> RunDir:
    """A run folder whose owner is dead."""
    run = RunDir.create()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (run.path / "owner.json").write_text(json.dumps([dead.pid, 1]))
    return run


@pytest.fixture
def cleanup_done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ``ackord.host.process_identity:pay`` was called with, a function that is there for the test only."""
    calls: list[str] = []
    monkeypatch.setattr("ackord.host.process_identity.pay", lambda proxy: calls.append(proxy), raising=False)
    return calls


def test_what_a_dead_run_owed_is_paid_by_the_next(cleanup_done: list[str]) -> None:
    run = abandoned()
    run.register_cleanup("ackord.host.process_identity:pay", proxy="ackord-1")
    run.cleanup_done(run.register_cleanup("ackord.host.process_identity:pay", proxy="ackord-2"))
    run.register_cleanup("ackord.host.process_identity:no_such_function")
    run.register_cleanup("os:remove", path="/")
    with RunDir.create():
        assert cleanup_done == ["ackord-1"]
    assert not run.path.exists()


def test_what_a_run_still_owes_at_its_end_is_paid_then(cleanup_done: list[str]) -> None:
    with RunDir.create() as run:
        cleanup = run.register_cleanup("ackord.host.process_identity:pay", proxy="ackord-3")
        assert cleanup.stat().st_mode & 0o077 == 0  # it may hold a secret
        assert cleanup_done == []
    assert cleanup_done == ["ackord-3"]


def test_what_a_group_leaves_behind_ends_with_it() -> None:
    """Its leader obeys the polite signal, and a member does not."""
    script = "trap '' TERM; sleep 60 & echo $!; trap 'exit 0' TERM; wait"
    leader = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert leader.stdout is not None
    member = int(leader.stdout.readline())
    reaper = threading.Thread(target=leader.wait)  # a dead child stays until its parent takes note
    reaper.start()
    with RunDir.create() as run:
        run.record(leader.pid, group=True)
    reaper.join()
    until(lambda: identify(member) is None, "the member is gone")
