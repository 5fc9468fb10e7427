"""What a PostgreSQL that was killed leaves to others to end: its child processes and a System V segment."""

from __future__ import annotations

import ctypes
from pathlib import Path

from ...errors import EnvironmentFailed

__all__ = ["children_of", "remove_segment"]

_IPC_RMID = 0
_SEGMENT_LINE = 6
"""Of ``postmaster.pid``, counted from 0: the key and the id of the small segment by which PostgreSQL tells whether it still runs."""


def children_of(parent: int) -> set[int]:
    """The living child processes of ``parent``. Raises ``EnvironmentFailed`` where there is no ``/proc``."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            stat = path.read_text()
        except OSError:
            continue  # it ended meanwhile
        # The command in parentheses may itself hold spaces and parentheses; after it come state and parent, see proc(5).
        state, ppid, *_ = stat[stat.rindex(")") + 2 :].split()
        if int(ppid) == parent and state != "Z":
            found.add(int(path.parent.name))
    if not Path("/proc/self/stat").exists():
        raise EnvironmentFailed("child processes cannot be found without /proc. Mend: mount /proc.")
    return found


def remove_segment(data: Path) -> None:
    """Remove the shared memory segment of a server that died without doing so, as its next start would."""
    try:
        segment = int((data / "postmaster.pid").read_text().splitlines()[_SEGMENT_LINE].split()[1])
    except (OSError, IndexError, ValueError):
        return
    ctypes.CDLL(None).shmctl(segment, _IPC_RMID, None)
