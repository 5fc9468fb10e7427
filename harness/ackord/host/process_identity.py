"""Identifies a process by its number and its start tick, so that a reused number is not mistaken for it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["ProcessIdentity", "end_process", "identify"]


class ProcessIdentity(NamedTuple):
    pid: int
    started_ticks: int
    """Clock ticks since boot at which it started (field 22 of ``/proc/PID/stat``, see proc(5)); 0 where there is no
    /proc.
    """


def identify(pid: int) -> ProcessIdentity | None:
    """Return the identity of a running process, or ``None`` if there is none (a zombie counts as none)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
        try:
            os.kill(pid, 0)
        except OSError:
            return None
        return ProcessIdentity(pid, 0)
    # The second field is the command in parentheses and may itself hold spaces and parentheses.
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] == "Z" else ProcessIdentity(pid, int(fields[19]))


def end_process(who: ProcessIdentity, *, polite: int = signal.SIGTERM, wait_s: float = 3.0) -> bool:
    """End a process if its identity still matches: send ``polite``, and after ``wait_s`` SIGKILL. Return whether there
    was one.
    """
    if identify(who.pid) != who:
        return False
    for sig, patience_s in ((polite, wait_s), (signal.SIGKILL, 1.0)):
        try:
            os.kill(who.pid, sig)
        except ProcessLookupError:
            return True
        pauses = 0
        while pauses * 0.01 < patience_s:
            if identify(who.pid) != who:
                return True
            time.sleep(0.01)
            pauses += 1
    return True
