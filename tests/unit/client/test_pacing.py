"""A rate is kept to, in the order in which requests came, and no faster after a pause."""

from __future__ import annotations

import asyncio

from ackord.client.pacing import Pace, PacedTransport
from ackord.contract.codec.codec import HttpRequest, HttpResponse
from ackord.core.clock import SECOND, VirtualClock


class Noting:
    """Notes when each request came."""

    def __init__(self, clock: VirtualClock) -> None:
        self.sent: list[tuple[float, str]] = []
        self._clock = clock

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        self.sent.append((self._clock.now_ns() / SECOND, request.target))
        return HttpResponse(200, {}, b"")

    async def close(self) -> None: ...


def test_requests_keep_their_distance_and_their_order() -> None:
    clock = VirtualClock()
    noting = Noting(clock)

    async def pause(seconds: float) -> None:
        clock.sleep_ns(round(seconds * SECOND))

    paced = PacedTransport(noting, Pace(4, clock, pause=pause))

    async def story() -> None:
        for target in ("/1", "/2", "/3"):
            await paced.send(HttpRequest("GET", target, (), b""), timeout_ns=1)
        clock.sleep_ns(10 * SECOND)  # what was not used is not made up for
        for target in ("/4", "/5"):
            await paced.send(HttpRequest("GET", target, (), b""), timeout_ns=1)

    asyncio.run(story())
    assert noting.sent == [(0.0, "/1"), (0.25, "/2"), (0.5, "/3"), (10.5, "/4"), (10.75, "/5")]
