"""Child processes: told in JSON lines, ended with their parent."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.child_process import ChildProcess
from ackord.host.run_dir import RunDir

ECHO = """
import asyncio, os
from ackord.host.child_process import emit, emit_block, serve

async def slow(x):
    await asyncio.sleep(0)
    return {"x": x}

def shout(n):
    for i in range(n):
        emit({"event": "shout", "i": i})
    print("a stray print")

def pack(blocks):
    for block in blocks:
        emit_block(block.encode())

def bad():
    raise ValueError("broken on purpose")

def die():
    os._exit(3)

async def never():
    await asyncio.Event().wait()

asyncio.run(serve({"slow": slow, "shout": shout, "pack": pack, "bad": bad, "die": die, "never": never}))
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunDir]:
    (tmp_path / "ackord_echo_child.py").write_text(ECHO)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with RunDir.create() as made:
        yield made


def test_requests_are_answered_and_events_arrive(run: RunDir) -> None:
    events: list[int] = []
    child = ChildProcess.start("ackord_echo_child", run=run, name="echo", on_event=lambda e: events.append(e["i"]))
    assert child.call("slow", x=3) == {"x": 3}
    assert child.call("shout", n=500) == {}
    assert events == list(range(500))
    child.stop()


def test_blocks_of_events_arrive_among_replies_whatever_is_in_them(run: RunDir) -> None:
    events: list[dict[str, Any]] = []

    def unpack(block: bytes) -> list[dict[str, Any]]:
        return [{"event": "line", "said": line} for line in block.decode().split("\n")]

    child = ChildProcess.start("ackord_echo_child", run=run, name="echo", on_event=events.append, unpack=unpack)
    blocks = ["", "a\nb\n", '{"event": "shout"}\n', "x" * 200_000]
    assert child.call("pack", blocks=blocks) == {}
    assert child.call("slow", x=1) == {"x": 1}
    assert [event["said"] for event in events] == "\n".join(blocks).split("\n")
    child.stop()


@pytest.mark.parametrize("named", [True, False], ids=["it raises", "nobody reads it"])
def test_a_block_that_cannot_be_read_fails_the_next_call(run: RunDir, named: bool) -> None:
    def unpack(block: bytes) -> list[dict[str, Any]]:
        raise ValueError("no such format")

    readers = {"unpack": unpack} if named else {}
    child = ChildProcess.start("ackord_echo_child", run=run, name="echo", on_event=lambda e: None, **readers)
    with pytest.raises(EnvironmentFailed, match="no such format" if named else "block of 3 bytes"):
        child.call("pack", blocks=["abc"])
    assert child.call("slow", x=1) == {"x": 1}
    child.stop()


def test_an_error_in_a_handler_is_the_answer(run: RunDir) -> None:
    child = ChildProcess.start("ackord_echo_child", run=run, name="echo")
    with pytest.raises(EnvironmentFailed, match="broken on purpose"):
        child.call("bad")
    assert child.call("slow", x=1) == {"x": 1}
    child.stop()


def test_a_child_that_dies_fails_all_calls_with_its_last_words(run: RunDir) -> None:
    child = ChildProcess.start("ackord_echo_child", run=run, name="echo")
    child.call("shout", n=0)
    waiting = child.post("never")
    with pytest.raises(EnvironmentFailed, match="a stray print"):
        child.call("die")
    with pytest.raises(EnvironmentFailed):
        waiting.result(5)
    with pytest.raises(EnvironmentFailed, match="gone"):
        child.call("slow", x=1)
    child.stop()


def test_a_handler_that_raises_is_the_next_call_s_error_and_the_child_goes_on(run: RunDir) -> None:
    def full(event: object) -> None:
        raise OSError(28, "No space left on device")

    child = ChildProcess.start("ackord_echo_child", run=run, name="echo", on_event=full)
    with pytest.raises(EnvironmentFailed, match="No space left on device"):
        child.call("shout", n=3)
    assert child.call("slow", x=1) == {"x": 1}
    child.stop()


def test_a_call_that_takes_too_long_says_so(run: RunDir) -> None:
    child = ChildProcess.start("ackord_echo_child", run=run, name="echo")
    child.call("slow", x=1)
    with pytest.raises(EnvironmentFailed, match="did not answer 'never' within"):
        child.call("never", timeout_s=0.05)
    assert child._waiting == {}
    child.stop()


def test_a_child_ends_when_its_parent_is_killed(run: RunDir) -> None:
    parent = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from ackord.host.child_process import ChildProcess
        from ackord.host.run_dir import RunDir
        run = RunDir.create()
        child = ChildProcess.start("ackord_echo_child", run=run, name="echo")
        child.call("slow", x=1)
        print(child.pid, flush=True)
        os.kill(os.getpid(), 9)
    """)
    done = subprocess.run(
        [sys.executable, "-c", parent], capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert done.returncode == -9
    pid = int(done.stdout)
    # The pipe closed with its parent; opening its pidfd and waiting for it is not a sleep.
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    import select

    ready, _, _ = select.select([fd], [], [], 10)
    os.close(fd)
    assert ready, "the child outlived its parent"
