"""Connections to a node, over real sockets: when an idle one is used again, and when it is not."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ackord.chaos.gateway.head_cache import HeadCache
from ackord.chaos.gateway.upstream import IDLE_LIMIT_NS, UpstreamPool
from ackord.core.clock import MS

UNASKED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"


@pytest.mark.parametrize(
    ("said", "idle_ns", "used_again"),
    [(b"", 0, True), (b"", IDLE_LIMIT_NS + 1, False), (UNASKED, 10 * MS, False), (b"\n", 10 * MS, False)],
    ids=["silent", "idle for too long", "an answer that nobody asked for", "a single byte"],
)
def test_an_idle_connection(said: bytes, idle_ns: int, used_again: bool) -> None:
    async def play() -> bool:
        loop = asyncio.get_running_loop()
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen(1)
            pool = UpstreamPool(listening.getsockname(), 100, loop, lambda: 0, HeadCache())
            upstream = await pool.connect()
            provider, _ = listening.accept()
            with provider:
                pool.give_back(upstream, 0)
                provider.sendall(said)
                # The loop does not run in between: the bytes are in the kernel, and nobody has read them.
                taken = pool.take(idle_ns)
                pool.abort()
                return taken is upstream

    assert asyncio.run(play()) is used_again
