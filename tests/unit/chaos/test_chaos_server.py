"""A name is free again when what it was given to could not be opened."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ackord.chaos.chaos_server import ChaosServer
from ackord.errors import EnvironmentFailed


def test_an_edge_that_fails_to_open_leaves_its_name_free() -> None:
    async def run() -> None:
        server = ChaosServer(lambda lines: None, lambda: 1)
        upstreams = {"A": ("127.0.0.1", 1)}
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(EnvironmentFailed, match="cannot listen"):
                await server.open_edge("e", upstreams, port=taken.getsockname()[1])
        assert (await server.open_edge("e", upstreams))["port"] > 0
        await server.close()

    asyncio.run(run())
