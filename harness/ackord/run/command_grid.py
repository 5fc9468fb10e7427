"""Runs many commands side by side and keeps what each has shown, so that a grid that was cut off goes on.

A cell is one command with one seed. Finished cells stand as JSON lines in one file; one that was cut off is run again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from ..core.verdict import Result
from ..errors import unwritable
from ..report.json_result import FILE_NAME

__all__ = ["INTERRUPTED", "CellKey", "CommandGrid", "Commands", "KeptResult", "RunningCommands", "exit_code_of"]

INTERRUPTED = 130
"""The exit code of a command that was interrupted: it has shown nothing."""


class CellKey(NamedTuple):
    """What is run, and with which seed."""

    name: str
    seed: int


class KeptResult(NamedTuple):
    """What a run left in its folder."""

    result: str
    broken: list[str]
    """``GUARANTEE @ PROFILE``, each that was violated or unsafe, sorted."""
    elapsed_ms: int

    @classmethod
    def of(cls, folder: Path) -> KeptResult | None:
        """Read ``result.json``; ``None`` where there is none."""
        try:
            kept = json.loads((folder / FILE_NAME).read_bytes())
            broken = {
                f"{g['id']} @ {p['profile']}"
                for p in kept["profiles"]
                for g in p["guarantees"]
                if g["result"] in (Result.VIOLATED, Result.UNSAFE)
            }
            return cls(kept["result"], sorted(broken), round(kept["elapsed_ms"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


class _Cell(Protocol):
    @property
    def key(self) -> CellKey: ...

    def _asdict(self) -> dict[str, Any]: ...


C = TypeVar("C", bound=_Cell)


class Commands(Protocol):
    """Where the commands of a grid run."""

    def run(self, arguments: Sequence[str], folder: Path) -> tuple[int, str]:
        """Run ``ackord``, and have its ``--out`` in ``folder``; return its exit code and what it said.

        The code is ``INTERRUPTED`` without running anything once the grid was ended.
        """
        ...

    def end(self) -> None:
        """End what is in work, and begin no more."""
        ...


def exit_code_of(returned: int) -> int:
    """Return the exit code of a process, ``INTERRUPTED`` for one that was ended from outside."""
    return INTERRUPTED if returned in (-signal.SIGTERM, -signal.SIGINT) else returned


class RunningCommands:
    """Commands as processes of this machine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[str]] = set()
        self._ended = False

    def run(self, arguments: Sequence[str], folder: Path) -> tuple[int, str]:
        with self._lock:
            if self._ended:
                return INTERRUPTED, ""
            command = [sys.executable, "-P", "-m", "ackord.cli.grid_command", str(os.getpid()), *arguments]
            process = subprocess.Popen(
                [*command, "--out", str(folder)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
            self._processes.add(process)
        out, err = process.communicate()
        with self._lock:
            self._processes.discard(process)
        return exit_code_of(process.returncode), (err or out).strip()

    def end(self) -> None:
        with self._lock:
            self._ended = True
            for process in self._processes:
                process.terminate()


class CommandGrid(Generic[C]):
    """The cells of one grid."""

    def __init__(self, store: Path, read: Callable[..., C]) -> None:
        """``store``: where finished cells are kept. ``read``: makes a cell of a stored line's members.

        Raises ``FileError`` where its folder cannot be made.
        """
        self._store = store
        try:
            store.parent.mkdir(parents=True, exist_ok=True)
            self.cells = {cell.key: cell for cell in self._stored(read)}
        except OSError as error:
            raise unwritable(store, "the finished runs", error, mend="give another --out") from error

    def _stored(self, read: Callable[..., C]) -> Iterable[C]:
        if not self._store.exists():
            return
        for line in self._store.read_text(encoding="utf-8").splitlines():
            try:
                yield read(**json.loads(line))
            except (ValueError, TypeError):
                continue  # the last line of a grid that was cut off

    def fill(
        self,
        wanted: Sequence[CellKey],
        play: Callable[[CellKey, Commands], C | None],
        *,
        jobs: int,
        on_done: Callable[[C], None],
        commands: Commands | None = None,
    ) -> list[C]:
        """Run what is missing, ``jobs`` at a time, and return the wanted cells that there are.

        ``play`` returns ``None`` for what was interrupted; the next grid runs it again. ``commands``: where they run,
        by default on this machine. Raises whatever interrupts it, after the commands in work were ended.
        """
        lock, running = threading.Lock(), commands or RunningCommands()

        def work(key: CellKey) -> None:
            cell = play(key, running)
            if cell is None:
                return
            with lock:
                self.cells[key] = cell
                with self._store.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(cell._asdict()) + "\n")
                on_done(cell)

        with ThreadPoolExecutor(jobs) as pool:
            try:
                list(pool.map(work, [key for key in wanted if key not in self.cells]))
            except BaseException:
                running.end()
                raise
        return [self.cells[key] for key in wanted if key in self.cells]
