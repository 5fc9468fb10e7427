"""A folder for everything temporary of one run, and the promise that nothing of a run stays behind.

Whoever owns the run makes a ``RunDir``; every process that is started for it is written down in there *by identity*. A normal end, an exception and
Ctrl-C remove it. After ``kill -9`` the children notice that their pipe closed and end by themselves; whatever even they could not clean is
found by the next run, which ends the recorded processes (only if they still are who they were) and removes the folder. What a run changed in programs that
are not its own (a proxy in a foreign Toxiproxy, a container, a provider's setting) it *owes*: the debt is written down before the change, and
whoever cleans up pays it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import tempfile
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import EnvironmentFailed
from .process_identity import ProcessIdentity, end_process, identify

__all__ = ["RunDir", "sweep"]


def _root() -> Path:
    """This user's folder for runs. Others may pass through (PostgreSQL runs as another user), not look around or write."""
    root = Path(tempfile.gettempdir()) / f"ackord-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        root.mkdir(mode=0o711)
    stat = root.lstat()
    if stat.st_uid != os.getuid() or stat.st_mode & 0o022 or not root.is_dir() or root.is_symlink():
        raise EnvironmentFailed(
            f"{root} belongs to somebody else or others may write to it. Mend: remove it, or set TMPDIR to a folder of your own."
        )
    root.chmod(0o711)
    return root


class RunDir:
    """One run's folder. Use as a context manager, or call ``remove()``."""

    def __init__(self, path: Path, *, owned: bool) -> None:
        self.path = path
        self._owned = owned

    @classmethod
    def create(cls) -> RunDir:
        """A new folder owned by this process; what earlier runs left behind is swept first."""
        sweep()
        path = Path(tempfile.mkdtemp(prefix="run-", dir=_root()))
        path.chmod(0o711)
        run = cls(path, owned=True)
        (path / "processes").mkdir()
        me = identify(os.getpid())
        if me is None:
            raise EnvironmentFailed("this process cannot find itself in /proc. Mend: mount /proc.")
        # Written under another name first: a sweep in another process must never see half of it.
        draft = path / "owner.draft"
        draft.write_text(json.dumps(me))
        draft.rename(path / "owner.json")
        return run

    @classmethod
    def attach(cls, path: Path | str) -> RunDir:
        """The same folder seen from a child process: it records processes, it does not remove the folder."""
        return cls(Path(path), owned=False)

    def record(self, pid: int, *, polite: int = signal.SIGTERM) -> None:
        """Write down that ``pid`` was started for this run, and the signal that asks it to end."""
        who = identify(pid)
        if who is not None:
            (self.path / "processes" / f"{pid}.json").write_text(json.dumps([*who, int(polite)]))

    def owe(self, function: str, **arguments: Any) -> Path:
        """Write down that ``function`` (``ackord.room.module:name``) must be called with ``arguments`` (plain data) if this run cannot do it itself.

        Return what ``paid`` takes. The function must be safe to call when there is nothing left to do, and raise only what it wants ignored.
        """
        folder = self.folder("debts")
        descriptor, name = tempfile.mkstemp(dir=folder, suffix=".draft")
        with os.fdopen(descriptor, "w") as file:
            json.dump({"function": function, "arguments": arguments}, file)
        return Path(name).rename(Path(name).with_suffix(".json"))

    def paid(self, debt: Path) -> None:
        """The run has taken the change back itself."""
        debt.unlink(missing_ok=True)

    def folder(self, name: str) -> Path:
        path = self.path / name
        path.mkdir(exist_ok=True)
        return path

    def remove(self) -> None:
        """End what is still running of this run and remove the folder. Safe to call twice."""
        if self._owned:
            _clean(self.path)

    def __enter__(self) -> RunDir:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def sweep() -> list[Path]:
    """Clean up after runs whose owner is gone; return the folders that were removed."""
    removed = []
    for path in _root().glob("run-*"):
        try:
            owner = ProcessIdentity(*json.loads((path / "owner.json").read_text()))
        except (OSError, ValueError, TypeError):
            # No owner yet: another process may be creating it this very moment. Old ones were cut off in between.
            if not _older_than_a_minute(path):
                continue
        else:
            if identify(owner.pid) == owner:
                continue
        _clean(path)
        removed.append(path)
    return removed


def _pay(debt: Path) -> None:
    owed = json.loads(debt.read_text())
    module, _, name = owed["function"].partition(":")
    if module.partition(".")[0] == __package__.partition(".")[0]:
        getattr(import_module(module), name)(**owed["arguments"])


def _older_than_a_minute(path: Path) -> bool:
    try:
        probe = path.parent / f".now-{os.getpid()}"
        probe.touch()
        try:
            return probe.stat().st_mtime - path.stat().st_mtime > 60
        finally:
            probe.unlink(missing_ok=True)
    except OSError:
        return False


def _clean(path: Path) -> None:
    for record in sorted((path / "processes").glob("*.json")):
        try:
            pid, ticks, polite = json.loads(record.read_text())
        except (OSError, ValueError, TypeError):
            continue
        if pid != os.getpid():
            end_process(ProcessIdentity(pid, ticks), polite=polite)
    for debt in sorted((path / "debts").glob("*.json")):
        # What cannot be paid now (the program may be gone with its host) must not keep the next run from starting.
        with contextlib.suppress(Exception):
            _pay(debt)
    shutil.rmtree(path, ignore_errors=True)
