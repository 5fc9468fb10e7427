"""A full disk and an output that nobody reads: one sentence, exit code 4, and nothing left running."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

LINES = ["contract", "list"]


def ackord(*words: str, stdout: int, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """``before``: words of a command that runs the one behind it."""
    command = [*before, sys.executable, "-m", "ackord", *words]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True)


def only_one_sentence(done: subprocess.CompletedProcess[str], says: str) -> None:
    said = [line for line in done.stderr.splitlines() if line.startswith("ackord: ")]
    assert done.returncode == 4, done.stderr
    assert says in "\n".join(said)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("words", [LINES, ["--help"], ["contract", "explain", "reference"]], ids=" ".join)
def test_a_full_device_as_standard_output(words: list[str]) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        only_one_sentence(ackord(*words, stdout=full), "standard output cannot be written: No space left on device")
    finally:
        os.close(full)


def test_a_pipe_that_nobody_reads() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        only_one_sentence(ackord(*LINES, stdout=writing), "standard output cannot be written: Broken pipe")
    finally:
        os.close(writing)


def test_an_output_that_is_read_ends_well() -> None:
    done = ackord(*LINES, stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "reference" in done.stdout


@pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("unshare") is None, reason="a small disk can only be mounted by root"
)
def test_a_disk_that_fills_up_during_a_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    script = f'mount -t tmpfs -o size=200k tmpfs {out} && exec "$@"'
    words = ["certify", "reference", "--profile", "none", "--budget", "quick", "--seed", "1", "--out", str(out)]
    done = ackord(*words, stdout=subprocess.PIPE, before=["unshare", "--mount", "sh", "-c", script, "sh"])
    only_one_sentence(done, "cannot be written: No space left on device")
    assert "HELD" not in done.stdout
