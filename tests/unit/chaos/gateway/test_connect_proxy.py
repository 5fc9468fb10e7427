"""The proxy's bounds, on transports that only remember. What it does on sockets is in tests/live/test_merchant_access.py."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, cast

import pytest

from ackord.chaos.gateway.connect_proxy import ConnectConnection, ConnectProxy
from ackord.errors import UsageError

from .test_conversations import on_stage


class Line:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.sent = b""
        self.closed = self.aborted = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True


def test_at_most_a_hundred_clients_wait_and_who_leaves_makes_room() -> None:
    async def play(stage: Any) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        proxy = ConnectProxy(stage.state, ["api.example.com"], context, stage.now_ns)
        lines = [Line() for _ in range(101)]
        clients = [ConnectConnection(proxy) for _ in lines]
        for client, line in zip(clients, lines, strict=True):
            client.connection_made(cast("asyncio.Transport", line))
        assert [line.aborted for line in lines] == [False] * 100 + [True]
        clients[0].data_received(b"CONNECT elsewhere:443 HTTP/1.1\r\n\r\n")
        assert lines[0].closed
        clients[0].connection_lost(None)
        ConnectConnection(proxy).connection_made(cast("asyncio.Transport", late := Line()))
        assert not late.aborted
        proxy.close()
        assert all(line.aborted for line in lines[1:])

    on_stage(play)


def test_what_is_no_host_is_refused_when_it_is_made() -> None:
    async def play(stage: Any) -> None:
        with pytest.raises(UsageError, match="is no host"):
            ConnectProxy(stage.state, ["a/b"], ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), stage.now_ns)

    on_stage(play)
