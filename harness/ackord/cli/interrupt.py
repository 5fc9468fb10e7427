"""Handles Ctrl-C during a run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import typer

__all__ = ["interruptible"]


@contextlib.contextmanager
def interruptible(says: str) -> Iterator[None]:
    """Turn Ctrl-C into one line and exit code 130. The code inside must clean up before."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"ackord: interrupted; {says}", file=sys.stderr)
        raise typer.Exit(130) from None
