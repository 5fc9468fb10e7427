"""Watches a run: ends one whose provider is gone, of whose surroundings a part died, or whose time is over. What was
judged until then is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..core.clock import SECOND, Clock

__all__ = ["AnswerCounter", "RunCut", "Watchdog"]

SILENT = 20
"""Requests in a row without an answer of the provider that raise the suspicion; one past the gateway clears it."""
TRIES = 3
"""Requests past the gateway that must all stay without an answer."""
_LOOK_EVERY_S = 0.1
_PAUSE_S = 0.3


class RunCut(Exception):
    """The run cannot go on. The text is what its user must know."""


class AnswerCounter(Protocol):
    """What the watchdog sees of a run."""

    unanswered_in_a_row: int


class Watchdog:
    """Looks at one run every tenth of a second."""

    def __init__(
        self,
        answers: AnswerCounter,
        clock: Clock,
        *,
        deadline_ns: int,
        overdue: Callable[[], str],
        probe: Callable[[], Awaitable[str]] | None,
        death: Callable[[], str] = lambda: "",
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``probe`` asks the provider past the gateway and returns why there was no answer, empty if there was one;
        ``None``: the provider is ours or is stopped on purpose, and is not asked. ``overdue`` tells what the user must
        know when the time is over. ``death`` says which part of the surroundings ended by itself; empty: none did.
        """
        self._answers = answers
        self._clock = clock
        self._deadline_ns = deadline_ns
        self._overdue = overdue
        self._probe = probe
        self._death = death
        self._pause = pause

    async def guard(self, run: Awaitable[None]) -> None:
        """Await ``run``. Raises ``RunCut`` if it cannot go on, after it was cancelled, or if a part died meanwhile."""
        running = asyncio.ensure_future(run)
        watching = asyncio.ensure_future(self._watch())
        try:
            await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = running.done()
            running.cancel()
            watching.cancel()
            await asyncio.gather(running, watching, return_exceptions=True)
        if not ended:
            raise RunCut(watching.result())
        if died := self._death():
            raise RunCut(died)
        running.result()

    async def _watch(self) -> str:
        """Return why the run cannot go on, as soon as it cannot."""
        while True:
            await self._pause(min(_LOOK_EVERY_S, max(0.0, (self._deadline_ns - self._clock.now_ns()) / SECOND)))
            if died := self._death():
                return died
            if self._clock.now_ns() >= self._deadline_ns:
                return self._overdue()
            if self._probe is None or self._answers.unanswered_in_a_row < SILENT:
                continue
            if why := await self._gone(self._probe):
                return (
                    f"the provider stopped answering: {self._answers.unanswered_in_a_row} requests in a row got no "
                    f"answer, and neither did {TRIES} that were sent past the gateway ({why}).\n"
                    "  mend: see that the provider is running, then repeat the run"
                )
            self._answers.unanswered_in_a_row = 0

    async def _gone(self, probe: Callable[[], Awaitable[str]]) -> str:
        why = ""
        for _ in range(TRIES):
            why = await probe()
            if not why:
                return ""
            await self._pause(_PAUSE_S)
        return why
