"""A merchant's command: its output, its end, and that nothing of it stays."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ackord.core.clock import SECOND, RealClock
from ackord.drill.merchant_command import MerchantCommand, end_group, how_it_ended
from ackord.errors import EnvironmentFailed, UsageError
from ackord.host.process_identity import identify
from ackord.host.run_dir import RunDir

from ...waiting import until

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
os.write(1, f"pid {child or os.getpid()}\\n".encode())
signal.pause()
"""


def command(tmp_path: Path, run: RunDir, code: str, lines: list[str] | None = None, **how: bool) -> MerchantCommand:
    words = [sys.executable, "-c", code]
    on_line = (lines if lines is not None else []).append
    return MerchantCommand(words, {"PAY_URL": "http://x"}, run, tmp_path / "log", on_line, **{"echo": False, **how})


def test_its_output_is_read_kept_and_passed_on(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    code = "import os, sys; print(os.environ['PAY_URL']); print('no', file=sys.stderr); sys.exit(3)"
    with RunDir.create() as run, command(tmp_path, run, code, lines, echo=True) as merchant:
        assert merchant.wait(20 * SECOND, RealClock()) == 3
    assert sorted(lines) == ["http://x", "no"]
    said = capfd.readouterr()
    assert (said.out, said.err) == ("http://x\n", "no\n")
    assert sorted((tmp_path / "log").read_text().splitlines()) == sorted(lines)
    assert how_it_ended(3) == "the command ended with exit code 3: that is no verdict by itself, its calls are judged"
    assert "SIGKILL" in how_it_ended(-9) and how_it_ended(0) == how_it_ended(None) == ""


def test_the_whole_group_ends_even_what_does_not_want_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ackord.drill.merchant_command._POLITELY_S", 0.2)
    lines: list[str] = []
    with RunDir.create() as run:
        with command(tmp_path, run, STUBBORN, lines) as merchant:
            until(lambda: len(lines) == 2, "both processes speak")
            assert merchant.wait(SECOND // 100, RealClock()) is None, "its time is over"
        pids = {int(line.split()[1]) for line in lines}
        assert pids and all(identify(pid) is None for pid in pids)


def test_what_it_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import os, signal\nif os.fork() == 0:\n print(os.getpid(), flush=True)\n signal.pause()"
    with RunDir.create() as run, command(tmp_path, run, code, lines) as merchant:
        assert merchant.wait(20 * SECOND, RealClock()) == 0
        until(lambda: lines, "the child speaks")
    assert identify(int(lines[0])) is None


def test_whoever_cleans_up_after_a_kill_ends_the_whole_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ackord.drill.merchant_command.end_process", lambda leader: None)
    lines: list[str] = []
    with RunDir.create() as run, command(tmp_path, run, STUBBORN, lines):
        until(lambda: len(lines) == 2, "both processes speak")
        (owed,) = (run.path / "cleanups").glob("*.json")
        arguments = json.loads(owed.read_text())["arguments"]
        end_group(arguments["pid"], arguments["started_ticks"] + 1)
        pids = [int(line.split()[1]) for line in lines]
        assert all(identify(pid) for pid in pids), "another process with that number is left alone"
        end_group(**arguments)
        until(lambda: not any(identify(pid) for pid in pids), "both are gone")


def test_a_part_that_died_ends_the_wait(tmp_path: Path) -> None:
    with (
        RunDir.create() as run,
        command(tmp_path, run, "import signal; signal.pause()") as merchant,
        pytest.raises(EnvironmentFailed, match="PostgreSQL"),
    ):
        merchant.wait(20 * SECOND, RealClock(), lambda: "PostgreSQL ended")


def test_a_command_that_cannot_be_started(tmp_path: Path) -> None:
    with RunDir.create() as run, pytest.raises(UsageError, match="cannot be started"):
        MerchantCommand(["/no/such/program"], {}, run, tmp_path / "log").__enter__()
