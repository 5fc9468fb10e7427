"""Choose where a cluster's data lies: in memory where there is room.

Writing 50 MB of files can cost a busy disk seconds. ``/dev/shm`` is a file system in memory on every Linux. A folder
there names the run that it belongs to. After ``kill -9`` the next cluster that starts removes it, once the run's own
folder is gone (see ``ackord.host.run_dir``). Where there is no room, the data lies in the run's folder.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ...host.run_dir import RunDir
from .crash import remove_segment

__all__ = ["data_folder", "remove_data_folder", "remove_leftovers"]

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 1 << 30
"""Two servers' data and as much write-ahead log as they may keep."""
_RUN = "run"


def data_folder(run: RunDir, memory: Path = _MEMORY) -> Path:
    """Make a new folder that other users may pass through."""
    if not _roomy(memory):
        return run.folder("postgres")
    _sweep(memory)
    folder = memory / f"{_prefix()}{run.path.name}"
    try:
        folder.mkdir(mode=0o711)
        (folder / _RUN).write_text(str(run.path))
    except OSError:
        return run.folder("postgres")
    return folder


def remove_leftovers(folder: str) -> None:
    """Do for whoever started the servers, and was killed, what ``PostgresCluster.stop`` does once they have ended."""
    for data in Path(folder, "data").glob("*"):
        remove_segment(data)
    remove_data_folder(Path(folder))


def remove_data_folder(folder: Path, memory: Path = _MEMORY) -> None:
    """Remove a folder that lies in memory; one in the run's folder goes with the run."""
    if folder.parent == memory:
        shutil.rmtree(folder, ignore_errors=True)


def _roomy(memory: Path) -> bool:
    try:
        room = os.statvfs(memory)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize >= _ROOM_BYTES and os.access(memory, os.W_OK | os.X_OK)


def _prefix() -> str:
    return f"ackord-{os.getuid()}-"


def _sweep(memory: Path) -> None:
    for folder in memory.glob(f"{_prefix()}*"):
        try:
            if folder.lstat().st_uid == os.getuid() and not Path((folder / _RUN).read_text()).exists():
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # half made, or half removed, by another process
