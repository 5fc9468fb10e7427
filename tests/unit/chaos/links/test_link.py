"""A link whose server does not answer: it waits as long as the kernel does, and whatever goes wrong ends the client."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.chaos.links.link import Link


def play(upstream: Callable[[], tuple[str, int]], told: list[tuple[str, str]], **more: Any) -> Link:
    timer: Any = SimpleNamespace(loop=asyncio.get_running_loop())
    return Link(
        "link",
        upstream,
        timer,
        lambda: 0,
        unreachable=lambda client, error: told.append((client, type(error).__name__)),
        **more,
    )


def no_address() -> tuple[str, int]:
    raise LookupError("no address")


@pytest.mark.parametrize(
    ("upstream", "error"),
    [
        (no_address, "LookupError"),
        (lambda: ("a..b", 80), "UnicodeError"),
        (lambda: ("127.0.0.1", 70_000), "OverflowError"),
    ],
)
def test_whatever_prevents_a_connection_ends_the_client(upstream: Callable[[], tuple[str, int]], error: str) -> None:
    told: list[tuple[str, str]] = []

    async def conversation() -> None:
        link = play(upstream, told)
        reader, writer = await asyncio.open_connection("127.0.0.1", await link.open())
        own = "127.0.0.1:{}".format(writer.get_extra_info("sockname")[1])
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 20) == b""
        assert told == [(own, error)]
        assert link.stats()["connections"] == 0
        writer.close()
        await link.close()

    asyncio.run(conversation())


def test_nobody_gives_up_before_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop's clock is put forward by ten minutes, while the server does not take the connection."""

    async def conversation() -> None:
        loop = asyncio.get_running_loop()
        connect, now, begun, goes_on = loop.create_connection, loop.time, asyncio.Event(), asyncio.Event()

        async def slow(*arguments: Any, **named: Any) -> Any:
            begun.set()
            await goes_on.wait()
            return await connect(*arguments, **named)

        with socket.create_server(("127.0.0.1", 0)) as server:
            told: list[tuple[str, str]] = []
            link = play(lambda: server.getsockname()[:2], told)
            monkeypatch.setattr(loop, "create_connection", slow)
            port = await link.open()
            with socket.create_connection(("127.0.0.1", port), 20) as client:
                await begun.wait()
                monkeypatch.setattr(loop, "time", lambda: now() + 600)
                for _ in range(10):
                    await asyncio.sleep(0)
                assert not told
                goes_on.set()
                accepted, _ = await asyncio.to_thread(server.accept)
                with accepted:
                    accepted.sendall(b"late")
                    assert await asyncio.to_thread(client.recv, 4) == b"late"
            await link.close()

    asyncio.run(conversation())


def test_a_link_that_is_opened_again_goes_on_counting() -> None:
    async def conversation() -> None:
        numbers = itertools.count(1)
        for _ in range(2):
            link = play(no_address, [], numbers=numbers)
            reader, _ = await asyncio.open_connection("127.0.0.1", await link.open())
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
            await link.close()
        assert next(numbers) == 3

    asyncio.run(conversation())
