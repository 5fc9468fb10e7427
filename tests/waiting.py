"""Waits for what must come to hold where nothing announces it. It is the one place in which a test sleeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

__all__ = ["PATIENCE_S", "until", "until_answered"]

PATIENCE_S = 20.0
"""How long a test waits for what must happen; never how long something takes."""
_EVERY_S = 0.002


def until(holds: Callable[[], object], what: str, limit_s: float = PATIENCE_S) -> None:
    """Ask until ``holds()`` is true. Raises ``AssertionError`` that names ``what`` after ``limit_s``."""
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, f"not within {limit_s:g} s: {what}"
        time.sleep(_EVERY_S)


async def until_answered(ask: Callable[[], Awaitable[object]], what: str, limit_s: float = PATIENCE_S) -> None:
    """Ask until the answer is true, as of a database, which tells nobody. Raises as ``until`` does."""
    end = time.monotonic() + limit_s
    while not await ask():
        assert time.monotonic() < end, f"not within {limit_s:g} s: {what}"
        await asyncio.sleep(_EVERY_S)
