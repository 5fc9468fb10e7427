"""Kill a PostgreSQL server as if its machine had died: no last write, no last message, nothing left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from pathlib import Path

from ...errors import EnvironmentFailed

__all__ = ["children_of", "freeze_server", "kill_server", "receivers_of", "remove_segment"]

_IPC_RMID = 0
_SEGMENT_LINE = 6
"""Of ``postmaster.pid``, counted from 0: the key and the id of the small segment by which PostgreSQL tells whether it
still runs.
"""


def freeze_server(postmaster: int, *, spare: int = 0) -> int:
    """Kill all children of the server but ``spare``, which may still be asked for its position; return their number.

    Only ``kill_server`` may follow.
    """
    # It stands still first, so that it neither starts a new child nor tells the others that one has died.
    os.kill(postmaster, signal.SIGSTOP)
    killed: set[int] = set()
    while children := children_of(postmaster) - killed - {spare}:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        killed |= children
    return len(killed)


def kill_server(postmaster: int, data: Path) -> None:
    """Kill the server and all its children. The caller, whose child it is, waits for it."""
    freeze_server(postmaster)
    os.kill(postmaster, signal.SIGKILL)
    remove_segment(data)


def receivers_of(postmaster: int) -> list[int]:
    """Return the processes of a standby that receive from its primary. SIGTERM ends one, as a promotion does."""
    found = []
    for child in children_of(postmaster):
        with contextlib.suppress(OSError):
            if b"walreceiver" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def children_of(parent: int) -> set[int]:
    """Return the child processes of a single-threaded process; they may be dead and not waited for.

    Raises ``EnvironmentFailed`` where there is no ``/proc``.
    """
    with contextlib.suppress(OSError):  # quick, but not every kernel has it
        return {int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()}
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            stat = path.read_text()
            # The command in parentheses may itself hold spaces and parentheses; after it come state and parent, see
            # proc(5).
            if int(stat[stat.rindex(")") + 2 :].split()[1]) == parent:
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
