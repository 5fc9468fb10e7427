"""Limits a transport's rate, because a sandbox must not be flooded and answers 429 would only slow the run down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ..contract.codec.codec import HttpRequest, HttpResponse
from ..core.clock import SECOND, Clock
from .transport import Transport

__all__ = ["Pace", "PacedTransport"]


class Pace:
    """Turns for requests in order of arrival, at most ``per_s`` a second over all transports that share it."""

    def __init__(self, per_s: int, clock: Clock, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._interval_ns = SECOND // per_s
        self._clock = clock
        self._pause = pause
        self._next_ns = 0

    async def turn(self) -> None:
        """Wait for the next turn."""
        now_ns = self._clock.now_ns()
        turn_ns = max(now_ns, self._next_ns)
        self._next_ns = turn_ns + self._interval_ns
        if turn_ns > now_ns:
            await self._pause((turn_ns - now_ns) / SECOND)


class PacedTransport:
    """Sends each request in its turn. Waiting does not count towards a request's time-out."""

    def __init__(self, transport: Transport, pace: Pace) -> None:
        self._transport = transport
        self._pace = pace

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        await self._pace.turn()
        return await self._transport.send(request, timeout_ns=timeout_ns)

    async def close(self) -> None:
        await self._transport.close()
