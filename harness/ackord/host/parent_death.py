"""Ends a process when the one that started it dies, where the kernel offers that (Linux, ``prctl``)."""

from __future__ import annotations

import ctypes
import signal

__all__ = ["end_with_parent"]

_PR_SET_PDEATHSIG = 1


def end_with_parent(by: signal.Signals) -> None:
    """Have the kernel send this process ``by`` when the thread that started it ends. Elsewhere it does nothing."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, by)
