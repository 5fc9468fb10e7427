"""Creates the temporary folder of one run, and cleans up everything that the run started or changed.

The owner of the run makes a ``RunDir``, in which every process that is started for the run is recorded *by identity*. A
normal end, an exception and Ctrl-C remove the folder. After ``kill -9`` the children notice that their pipe closed and
end by themselves. The next run ends recorded processes that are left (if their identity still matches) and removes the
folder. A change to a program that is not the run's own (a proxy in a foreign Toxiproxy, a container, a provider's
setting) needs an undo, which is recorded before the change and executed by whoever cleans up.
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
    """Return this user's folder for runs. Others may traverse it (PostgreSQL runs as another user) but not list or
    write it.
    """
    root = Path(tempfile.gettempdir()) / f"ackord-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        root.mkdir(mode=0o711)
    stat = root.lstat()
    if stat.st_uid != os.getuid() or stat.st_mode & 0o022 or not root.is_dir() or root.is_symlink():
        raise EnvironmentFailed(
            f"{root} belongs to somebody else or others may write to it. Mend: remove it, or set TMPDIR to a "
            "folder of your own."
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
        """Create a folder owned by this process; first clean up after earlier runs."""
        sweep()
        path = Path(tempfile.mkdtemp(prefix="run-", dir=_root()))
        path.chmod(0o711)
        run = cls(path, owned=True)
        (path / "processes").mkdir()
        me = identify(os.getpid())
        if me is None:
            raise EnvironmentFailed("this process cannot find itself in /proc. Mend: mount /proc.")
        # It is written under another name first, because a sweep in another process must never see half of it.
        draft = path / "owner.draft"
        draft.write_text(json.dumps(me))
        draft.rename(path / "owner.json")
        return run

    @classmethod
    def attach(cls, path: Path | str) -> RunDir:
        """Open the same folder in a child process, which records processes and does not remove the folder."""
        return cls(Path(path), owned=False)

    def record(self, pid: int, *, polite: int = signal.SIGTERM, group: bool = False) -> None:
        """Record that ``pid`` was started for this run, and the signal that ends it.

        ``group``: it leads a process group, and what is left of that is killed after it.
        """
        who = identify(pid)
        if who is not None:
            (self.path / "processes" / f"{pid}.json").write_text(json.dumps([*who, int(polite), group]))

    def register_cleanup(self, function: str, **arguments: Any) -> Path:
        """Record that ``function`` (``ackord.room.module:name``) must be called with ``arguments`` (plain data) if this
        run cannot do it itself.

        Return the token for ``cleanup_done``. The function must be safe to call when there is nothing left to undo. An
        exception that it raises is ignored.
        """
        folder = self.folder("cleanups")
        descriptor, name = tempfile.mkstemp(dir=folder, suffix=".draft")
        with os.fdopen(descriptor, "w") as file:
            json.dump({"function": function, "arguments": arguments}, file)
        return Path(name).rename(Path(name).with_suffix(".json"))

    def cleanup_done(self, cleanup: Path) -> None:
        """Record that the run has undone the change itself."""
        cleanup.unlink(missing_ok=True)

    def folder(self, name: str) -> Path:
        path = self.path / name
        path.mkdir(exist_ok=True)
        return path

    def remove(self) -> None:
        """End the remaining processes of this run and remove the folder. Safe to call twice."""
        if self._owned:
            _clean(self.path)

    def __enter__(self) -> RunDir:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def sweep() -> list[Path]:
    """Clean up after runs whose owner is gone. Return the removed folders."""
    removed = []
    for path in _root().glob("run-*"):
        try:
            owner = ProcessIdentity(*json.loads((path / "owner.json").read_text()))
        except (OSError, ValueError, TypeError):
            # There is no owner yet: another process may be creating the folder now. An old one was abandoned while it
            # was created.
            if not _older_than_a_minute(path):
                continue
        else:
            if identify(owner.pid) == owner:
                continue
        _clean(path)
        removed.append(path)
    return removed


def _run_cleanup(cleanup: Path) -> None:
    owed = json.loads(cleanup.read_text())
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
            pid, ticks, polite, group = json.loads(record.read_text())
        except (OSError, ValueError, TypeError):
            continue
        ended = pid != os.getpid() and end_process(ProcessIdentity(pid, ticks), polite=polite)
        if ended and group:  # as long as a member is left, no other process gets the group's number
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
    for cleanup in sorted((path / "cleanups").glob("*.json")):
        # An undo that fails now (the program may be gone with its host) must not prevent the next run from starting.
        with contextlib.suppress(Exception):
            _run_cleanup(cleanup)
    shutil.rmtree(path, ignore_errors=True)
