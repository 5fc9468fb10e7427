"""Raises the process's limit of open files, because the usual soft limit of 1,024 is soon used up by connections."""

from __future__ import annotations

import resource

__all__ = ["allow_open_files"]

_MOST_WANTED = 1 << 20
"""What is asked for where the hard limit is infinite; Linux's default ceiling (``fs.nr_open``)."""


def allow_open_files(wanted: int = _MOST_WANTED) -> int:
    """Raise the soft limit to ``wanted`` files, or as far as the hard limit allows, and return it. It is never
    lowered.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):  # macOS refuses more than its own ceiling, although the hard limit is infinite
        return soft
    return wanted
