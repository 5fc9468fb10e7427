"""Runs the program of one node of a provider, and kills, pauses and restarts it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...errors import EnvironmentFailed
from ...host.run_dir import RunDir

__all__ = ["NodeProgram"]

_END_WITHIN_S = 3.0
_LAST_WORDS = 6


class NodeProgram:
    """A program that serves one node in the foreground, in a process group of its own."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, run: RunDir) -> None:
        self.name = name
        self._command = command
        self._folder = folder
        self._run = run
        self._log = run.path / f"node-{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, variables: Mapping[str, str]) -> None:
        """Raises ``EnvironmentFailed`` if there is no such program."""
        with self._log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env={**os.environ, **variables},
                )
            except OSError as error:
                raise EnvironmentFailed(
                    f"node {self.name}: {self._command[0]} cannot be started: {error.strerror or error}.\n"
                    f"  mend: check topology.nodes.{self.name}.run in the contract"
                ) from error
        self._run.record(self._process.pid, group=True)

    def signal(self, number: int) -> None:
        """Send a signal to the program and to what it has started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it at once, with what it has started; return when it is gone."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it in order, or at once if it does not end. Safe to call twice."""
        if self._process is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_WITHIN_S)
        self.kill()

    def death(self) -> str:
        """Say that the program ended although nobody ended it; empty: it did not."""
        process = self._process
        if process is None or process.poll() is None:
            return ""
        return f"node {self.name} ended by itself (exit code {process.returncode}).{self.last_words()}"

    def last_words(self) -> str:
        """Return what it printed last, for an error's text."""
        with contextlib.suppress(OSError):
            lines = self._log.read_text(errors="replace").strip().splitlines()[-_LAST_WORDS:]
            return "".join(["\n  Its last words:", *(f"\n    {line}" for line in lines)]) if lines else ""
        return ""
