"""Run one PostgreSQL server as a process of this machine: launch it, wait for it, notice its death, stop it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from pathlib import Path

from ...errors import EnvironmentFailed
from ...host.run_dir import RunDir
from .binaries import UnprivilegedUser, clean_environment, run_as
from .crash import remove_segment

__all__ = ["PostgresServer"]

_KILLED = b" was terminated by signal "
"""What a postmaster logs of a process of its own that somebody killed, before it restarts all of them."""


class PostgresServer:
    """One postmaster: its data directory, its log, its process."""

    def __init__(self, name: str, data: Path, log: Path, owner: UnprivilegedUser | None) -> None:
        self.name = name
        self.data = data
        self.log = log
        self.port = 0
        self._owner = owner
        self.process: subprocess.Popen[bytes] | None = None
        self._read_bytes = 0
        """How much of the log ``death`` has read."""

    def launch(self, bin_dir: Path, port: int, run: RunDir) -> None:
        self.port = port
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(bin_dir / "postgres"), "-D", str(self.data), "-p", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=clean_environment(),
                cwd=self.data,
                start_new_session=True,
                **run_as(self._owner),
            )
        # SIGQUIT is PostgreSQL's immediate shutdown: it ends at once and leaves no child behind.
        run.record(self.process.pid, polite=signal.SIGQUIT)

    async def ready(self, timeout_s: float) -> None:
        """Wait until the server takes connections, as ``postmaster.pid`` says in its eighth line."""
        assert self.process is not None
        for _ in range(int(timeout_s / 0.005)):
            if self.process.poll() is not None:
                raise self.failed("ended while starting")
            with contextlib.suppress(OSError, IndexError):
                lines = (self.data / "postmaster.pid").read_text().splitlines()
                if lines[7].strip() == "ready" and int(lines[0]) == self.process.pid:
                    return
            await asyncio.sleep(0.005)
        raise self.failed(f"did not take connections within {timeout_s:g} s")

    def port_was_taken(self) -> bool:
        return "Address already in use" in _tail(self.log)

    def failed(self, what: str) -> EnvironmentFailed:
        if self.port_was_taken():
            return EnvironmentFailed(
                f"the PostgreSQL {self.name} could not listen on port {self.port} of 127.0.0.1: another process took "
                f"it in between. "
                "Mend: run it again; another port is picked then."
            )
        return EnvironmentFailed(f"the PostgreSQL {self.name} {what}. Its last words:\n{_tail(self.log)}")

    def death(self) -> str:
        """Say how the server, or a process of it, was ended by somebody else; empty: it was not."""
        if self.process is not None and self.process.poll() is not None:
            return f"the PostgreSQL {self.name} ended by itself (exit code {self.process.returncode})"
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(self._read_bytes)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._read_bytes += len(line)
                if _KILLED in line:
                    told = line.decode("utf-8", "replace").strip()
                    return f"a process of the PostgreSQL {self.name} was killed, and the server starts anew: {told}"
        return ""

    def stop(self) -> None:
        if self.process is None:
            return
        for sig in (signal.SIGQUIT, signal.SIGKILL):
            if self.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    self.process.send_signal(sig)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(3.0)
        remove_segment(self.data)  # one that was killed by somebody else has left it
        self.process = None


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").strip().splitlines()[-8:])
    except OSError:
        return ""
