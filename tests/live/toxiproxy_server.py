"""Servers with Toxiproxy's interface, for tests: the real one, found on the path or in ``.tools/bin`` (a CI run must
have it), and ours.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from ..waiting import PATIENCE_S, until

_TOOLS = Path(__file__).parents[2] / ".tools" / "bin"


def toxiproxy_server() -> str:
    """The path of its program. Without it a test fails under ``CI=true`` and is skipped elsewhere."""
    found = shutil.which("toxiproxy-server", path=f"{_TOOLS}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        missing = "the real Toxiproxy server is not here; .ci/toxiproxy.sh installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@dataclass
class ServedToxics:
    """A server that runs: its address, its process, and the file of what it logs."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def logged(self) -> str:
        return self.log.read_text()


@contextmanager
def embedded_server(*arguments: str) -> Iterator[str]:
    """``ackord toxics serve`` on a free port; its address. It must end in order."""
    process, line = _begun(arguments, None)
    try:
        yield _address_in(line)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130


@contextmanager
def served_toxics(folder: Path, *arguments: str) -> Iterator[ServedToxics]:
    """``ackord toxics serve`` with its log. Whoever ends it before sees to its exit code."""
    log = folder / "toxics.log"
    with log.open("w") as errors:
        process, line = _begun(arguments, errors)
    try:
        yield ServedToxics(_address_in(line), process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)


@contextmanager
def real_toxics(folder: Path, *arguments: str) -> Iterator[ServedToxics]:
    """The real server on a free port."""
    program = toxiproxy_server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "toxiproxy.log"
    with log.open("w") as output:
        command = [program, "-host", "127.0.0.1", "-port", str(port), *arguments]
        process = subprocess.Popen(command, stdout=output, stderr=output, text=True)
    try:
        until(lambda: _listens(port), "Toxiproxy listens")
        yield ServedToxics(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def _begun(arguments: Sequence[str], errors: IO[str] | None) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "ackord", "toxics", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    return process, process.stdout.readline()


def _address_in(line: str) -> str:
    found = re.search(r"http://[\d.]+:\d+$", line)
    assert found, line
    return found[0]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
