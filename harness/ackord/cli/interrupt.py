"""Ctrl-C in the middle of a run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import typer

__all__ = ["interruptible"]


@contextlib.contextmanager
def interruptible(says: str) -> Iterator[None]:
    """Turn Ctrl-C into one line and exit code 130. Everything inside must have cleaned up by then."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"ackord: interrupted; {says}", file=sys.stderr)
        raise typer.Exit(130) from None
