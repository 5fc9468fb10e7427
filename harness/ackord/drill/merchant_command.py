"""Runs a merchant's command in a process group of its own, and ends the whole group however the run ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TextIO

from ..core.clock import SECOND, Clock
from ..errors import EnvironmentFailed, UsageError, unwritable
from ..host.process_identity import ProcessIdentity, end_process, identify
from ..host.run_dir import RunDir
from ..masking import mask
from ..record.field_redaction import redacted_fields

__all__ = ["MerchantCommand", "end_group", "how_it_ended"]

_END_GROUP = f"{__name__}:end_group"

_LOOK_EVERY_S = 0.05
_POLITELY_S = 5.0
"""How long the group has to end by itself after SIGTERM."""
_KILLED_S = 2.0
_LOG_BYTES = 1 << 20
"""The most of the output that is kept as evidence."""


class MerchantCommand:
    """A context manager: entering starts the command, leaving ends its group."""

    def __init__(
        self,
        words: Sequence[str],
        env: Mapping[str, str],
        run: RunDir,
        log: Path,
        on_line: Callable[[str], None] = lambda line: None,
        *,
        echo: bool = True,
        redact: Collection[str] = (),
    ) -> None:
        """``on_line`` is given each line of the output, in another thread. ``echo``: the output is passed on too.
        ``redact``: names of fields whose values are neither kept nor passed on, where the output has answers in it.
        """
        self._words = list(words)
        self._env = {**os.environ, **env}
        self._run = run
        self._log_path = log
        self._on_line = on_line
        self._echo = echo
        self._redact = redact
        self._kept_bytes = 0
        self._lock = threading.Lock()
        self._pause = threading.Event()

    def __enter__(self) -> MerchantCommand:
        """Raises ``UsageError`` if the command cannot be started."""
        try:
            self._log = self._log_path.open("wb")
        except OSError as error:
            raise unwritable(self._log_path, "the command's output", error) from error
        try:
            self._process = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
                env=self._env,
            )
        except OSError as error:
            self._log.close()
            raise UsageError(
                f"the command cannot be started: {self._words[0]}: {error.strerror or error}.\n"
                "  expected: a program and its arguments after --, such as: -- npm test"
            ) from None
        # Not recorded as a process of the run: whoever cleans up after a kill -9 must end the whole group.
        leader = identify(self._process.pid)
        self._owed = None if leader is None else self._run.register_cleanup(_END_GROUP, **leader._asdict())
        streams = ((self._process.stdout, sys.stdout), (self._process.stderr, sys.stderr))
        self._readers = [
            threading.Thread(target=self._read, args=pair, name="ackord-command", daemon=True) for pair in streams
        ]
        for reader in self._readers:
            reader.start()
        return self

    def wait(self, limit_ns: int, clock: Clock, death: Callable[[], str] = lambda: "") -> int | None:
        """Wait until the command ends by itself; return its exit code, or ``None`` after ``limit_ns``.

        Raises ``EnvironmentFailed`` as soon as ``death`` says that a part of the surroundings is gone.
        """
        deadline_ns = clock.now_ns() + limit_ns
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(min(_LOOK_EVERY_S, max(0.001, (deadline_ns - clock.now_ns()) / SECOND)))
            if gone := death():
                raise EnvironmentFailed(gone)
            if clock.now_ns() >= deadline_ns:
                return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if self._owed is not None:
            self._run.cleanup_done(self._owed)
        for reader in self._readers:
            reader.join(_KILLED_S)  # what left the group may hold the pipe open
        with self._lock:
            self._log.close()

    def _end(self) -> None:
        """End whatever the command left running, politely at first."""
        for sent, patience_s in ((signal.SIGTERM, _POLITELY_S), (signal.SIGKILL, _KILLED_S)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, sent)
            for _ in range(round(patience_s / 0.01)):
                self._process.poll()
                if not self._lives():
                    return
                self._pause.wait(0.01)

    def _lives(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _read(self, stream: IO[bytes], to: TextIO) -> None:
        with stream:
            for raw in stream:
                line = raw.decode("utf-8", "replace")
                shown = mask(redacted_fields(line.encode(), self._redact).decode())
                with self._lock:
                    self._keep(shown)
                    if self._echo:
                        with contextlib.suppress(Exception):  # the run goes on where nobody reads it any more
                            to.write(shown)
                            to.flush()
                self._on_line(line.rstrip("\r\n"))

    def _keep(self, line: str) -> None:
        kept = line.encode()
        if not self._log.closed and self._kept_bytes + len(kept) <= _LOG_BYTES:
            self._kept_bytes += len(kept)
            with contextlib.suppress(OSError):
                self._log.write(kept)
                self._log.flush()


def end_group(pid: int, started_ticks: int) -> None:
    """End the group of a command whose drill is gone, if its leader is still the one that was started."""
    leader = ProcessIdentity(pid, started_ticks)
    if identify(pid) != leader:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGTERM)
    end_process(leader)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def how_it_ended(code: int | None) -> str:
    """Say how the command ended; empty where it ended well, or its time was over."""
    if not code:
        return ""
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"the command {how}: that is no verdict by itself, its calls are judged"
