"""Start a PostgreSQL primary and a streaming standby in about a second.

Nothing here is meant to survive: ``fsync`` is off, the data lies in memory or in the run's folder, and the servers
listen on 127.0.0.1 only. Three things make the start fast: one ``initdb`` whose result is copied cold for the standby
(both servers then start from the same checkpoint, so no base backup is taken), small WAL segments, and both servers
started at once. The standby follows the primary through ``link_port``, where a chaos link may sit.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from ...core.clock import MS, RealClock
from ...errors import EnvironmentFailed
from ...host.free_port import free_port
from ...host.run_dir import RunDir
from .binaries import clean_environment, find_binaries, run_as, runnable_by, unprivileged_owner
from .crash import freeze_server, kill_server, receivers_of
from .data_folder import data_folder, remove_data_folder, remove_leftovers
from .initdb_template import InitdbTemplates
from .postgres_server import PostgresServer
from .server_settings import LOGICAL, SETTINGS

__all__ = ["DatabaseEndpoint", "PostgresCluster"]

_STANDBY_PORT_TRIES = 3


@dataclass(frozen=True)
class DatabaseEndpoint:
    """Name one server and its credentials."""

    port: int
    password: str

    def arguments(self) -> dict[str, str | int]:
        """Return all keyword arguments of ``asyncpg.connect``, so that it reads neither environment nor home folder."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "postgres",
            "database": "postgres",
            "password": self.password,
            "ssl": False,
        }


class PostgresCluster:
    """Run a primary and its standby. ``start`` once, ``stop`` any number of times."""

    def __init__(
        self,
        run: RunDir,
        *,
        primary_port: int,
        link_port: int,
        standby_port: int = 0,
        bin_dir: Path | str | None = None,
        logical: bool = False,
    ) -> None:
        """``link_port`` is what the standby dials for the primary; give ``primary_port`` twice to go without a link.

        ``standby_port`` is a wish; 0, or one that is taken, becomes any free port. ``logical``: single tables can be
        replicated, too.
        """
        self._run = run
        self._owner = unprivileged_owner()
        self._bin_dir = find_binaries(bin_dir)
        self._primary_port = primary_port
        self._link_port = link_port
        self._standby_port = standby_port
        self._settings = SETTINGS + LOGICAL if logical else SETTINGS
        self._folder = data_folder(run)
        # Registered before anything is started: whoever stops the servers may be killed.
        self._cleanup = run.register_cleanup(
            f"{remove_leftovers.__module__}:remove_leftovers", folder=str(self._folder)
        )
        base = self._base = self._folder / "data"
        base.mkdir(mode=0o711)
        if self._owner is not None:
            self._folder.chmod(0o711)
            os.chown(base, *self._owner)
        self._primary = PostgresServer("primary", base / "primary", run.path / "postgres-primary.log", self._owner)
        self._standby = PostgresServer("standby", base / "standby", run.path / "postgres-standby.log", self._owner)
        self._lock = threading.Lock()
        self._stopped = False
        self._program: subprocess.Popen[str] | None = None
        # A superuser on a TCP port: without a secret, any user of this machine could run programs as the servers' user.
        self._templates = InitdbTemplates.named(self._owner)
        self._password = self._templates.password if self._templates else os.urandom(16).hex()
        self.version = ""
        self.start_ms: dict[str, float] = {}
        """What took how long, once started: ``create`` (initdb and the copy) and ``servers`` (until both take
        connections).
        """

    @property
    def primary(self) -> DatabaseEndpoint:
        return DatabaseEndpoint(self._primary.port, self._password)

    @property
    def standby(self) -> DatabaseEndpoint:
        return DatabaseEndpoint(self._standby.port, self._password)

    async def start(self, timeout_s: float = 20.0) -> None:
        """Create both servers and wait until both take connections.

        Raises ``EnvironmentFailed`` with PostgreSQL's own last messages.
        """
        clock = RealClock()
        began_ns = clock.now_ns()
        try:
            await asyncio.to_thread(self._create)
            created_ns = clock.now_ns()
            self._primary.launch(self._bin_dir, self._primary_port, self._run)
            await asyncio.gather(self._primary.ready(timeout_s), self._start_standby(timeout_s))
        except BaseException:
            self.stop()
            raise
        ready_ns = clock.now_ns()
        self.start_ms = {
            "create": round((created_ns - began_ns) / MS, 1),
            "servers": round((ready_ns - created_ns) / MS, 1),
        }

    def silence_primary(self, spare: int) -> int:
        """Kill every process of the primary but the session ``spare``; lose what is in transit to the standby.

        Returns the number of processes that were killed. ``kill_primary`` must follow.
        """
        primary, standby = self._primary.process, self._standby.process
        assert primary is not None
        receivers = receivers_of(standby.pid) if standby is not None else []
        killed = freeze_server(primary.pid, spare=spare)
        for receiver in receivers:  # at once: what is still in the link must not arrive after the primary's death
            with contextlib.suppress(ProcessLookupError):
                os.kill(receiver, signal.SIGTERM)
        return killed

    def kill_primary(self) -> None:
        """Kill the primary and all its processes as ``kill -9`` does."""
        primary, self._primary.process = self._primary.process, None
        assert primary is not None
        kill_server(primary.pid, self._primary.data)
        primary.wait()

    def stop(self) -> None:
        """Stop both servers at once, as a power cut would, and remove their data. Blocks for some 10 ms."""
        self._end_program()
        for server in (self._standby, self._primary):
            server.stop()
        remove_data_folder(self._folder)
        self._run.cleanup_done(self._cleanup)

    def death(self) -> str:
        """Say which server, or which of its processes, was ended from outside; empty: none was."""
        return self._primary.death() or self._standby.death()

    async def _start_standby(self, timeout_s: float) -> None:
        """Its port is picked here, so a port that is taken in between is simply replaced."""
        for attempt in range(_STANDBY_PORT_TRIES):
            wish = self._standby_port if attempt == 0 else 0
            self._standby.launch(self._bin_dir, wish or free_port(), self._run)
            try:
                return await self._standby.ready(timeout_s)
            except EnvironmentFailed:
                if attempt + 1 == _STANDBY_PORT_TRIES or not self._standby.port_was_taken():
                    raise
                self._standby.stop()
                self._standby.log.write_bytes(b"")
        return None

    def _create(self) -> None:
        """``initdb`` and the cold copy. Blocks some 600 ms."""
        self._bin_dir, self.version = runnable_by(self._owner, self._bin_dir, self._run)
        password = self._base / "password"
        password.touch(mode=0o600)
        password.write_text(self._password)
        if self._owner is not None:
            os.chown(password, *self._owner)
        # The password is random and never leaves this machine, so hashing it once is enough and spares every connection
        # some milliseconds. initdb's own servers, too, keep shared memory where it is removed with the data.
        quick: tuple[str, ...] = ("-c", "scram_iterations=1", "-c", "dynamic_shared_memory_type=mmap")
        if int(self.version.partition(".")[0]) < 16:
            quick = ()
        same = ("-U", "postgres", "--auth=password", *quick)
        same += ("--no-sync", "--no-locale", "-E", "UTF8", "--wal-segsize=1", "--no-instructions")
        template = self._templates.path((self._bin_dir, self.version, *same)) if self._templates else None
        if template is not None and template.exists():
            self._copy_cold(template / "data", self._primary.data)
        else:
            self._command(self._bin_dir / "initdb", "-D", self._primary.data, f"--pwfile={password}", *same)
            if template is not None and self._templates is not None:
                self._templates.keep(self._primary.data, template, self._command)
        with (self._primary.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(self._settings)
        self._copy_cold(self._primary.data, self._standby.data)
        with (self._standby.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f"primary_conninfo = 'host=127.0.0.1 port={self._link_port} user=postgres password={self._password} "
                "application_name=standby'\n"
            )
        (self._standby.data / "standby.signal").touch()

    def _copy_cold(self, data: Path, copy: Path) -> None:
        """Copy the data of a server that does not run.

        The template databases, which are half of it, are never written: all copies share their files by hard links.
        Only the database with the highest number, ``postgres``, is used.
        """
        *templates, used = sorted((data / "base").iterdir(), key=lambda path: int(path.name))
        link = ("-l",) if data.stat().st_dev == copy.parent.stat().st_dev else ()
        self._command("mkdir", "-m", "700", copy, copy / "base")
        self._command("cp", "-R", *(path for path in data.iterdir() if path.name != "base"), copy)
        self._command("cp", "-R", used, copy / "base")
        self._command("cp", "-R", *link, *templates, copy / "base")

    def _command(self, *words: object) -> None:
        """Run one program to its end. Called in a thread, so that ``stop`` may come in between."""
        with self._lock:
            if self._stopped:
                raise EnvironmentFailed("stopped while PostgreSQL was being started")
            try:
                program = self._program = subprocess.Popen(
                    [str(word) for word in words],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    env=clean_environment(),
                    cwd=self._base,
                    start_new_session=True,
                    **run_as(self._owner),
                )
            except OSError as error:
                who = "as this user" if self._owner is None else f"as user {self._owner.uid}"
                raise EnvironmentFailed(
                    f"{words[0]} could not be run in {self._base} {who}: {error}. "
                    "Mend: every folder above it must let that user pass (set TMPDIR to one that does)."
                ) from None
        self._run.record(program.pid)
        said, _ = program.communicate()
        if program.returncode:
            last = "\n".join(said.strip().splitlines()[-8:])
            raise EnvironmentFailed(f"{words[0]} failed with exit code {program.returncode}:\n{last}")

    def _end_program(self) -> None:
        """End ``initdb`` with all that it started, so that nothing is written any more when the data is removed."""
        with self._lock:
            self._stopped = True
            program = self._program
        for sig in (signal.SIGTERM, signal.SIGKILL):
            if program is not None and program.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(program.pid, sig)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.wait(3.0)
