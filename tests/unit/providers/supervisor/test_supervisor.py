"""The supervisor over backends that start nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.errors import EnvironmentFailed, UsageError
from ackord.providers.supervisor.backends import Backends, NodeConfiguration, NodeSettings
from ackord.providers.supervisor.supervisor import Supervisor


class _Deployment:
    """Writes down what is asked of it; stands for both backends, too."""

    def __init__(self, refuses: str = "", fails: str = "") -> None:
        self.did: list[str] = []
        self.refuses = refuses
        self.fails = fails
        self.silent: list[str] = []
        self.settings: NodeSettings | None = None

    async def prepare(self, node_settings: NodeSettings, /, *args: Any, **place: Any) -> Backends:
        self.did.append(f"prepare {place}")
        self.settings = node_settings
        backends = Backends(node_settings, self, self)  # type: ignore[arg-type]
        backends.check(node_settings.configuration)
        return backends

    def check(self, configuration: NodeConfiguration | None = None, *, read_model: bool = False) -> None:
        if self.refuses:
            raise UsageError(self.refuses)

    async def launch(self) -> dict[str, Any]:
        self.did.append("launch")
        if self.fails:
            raise EnvironmentFailed(self.fails)
        return {"start_ms": {}}

    async def crash(self, name: str) -> dict[str, Any]:
        self.did.append(f"crash {name}")
        return {"node": name}

    async def set_channel(self) -> None:
        self.did.append("channel")

    def counters(self) -> dict[str, int]:
        return {"payments": 2}

    async def close(self) -> None:
        self.did.append("close")

    def end(self) -> None:
        self.did.append("end")


def test_what_a_backend_cannot_do_is_refused_before_anything_starts() -> None:
    deployment = _Deployment(refuses="there is no read model here")

    async def play() -> None:
        supervisor = Supervisor(deployment)
        for _ in range(2):  # nothing was started, so it may be tried again
            with pytest.raises(UsageError, match="no read model"):
                await supervisor.start(seed=1, nodes=1)

    asyncio.run(play())
    assert deployment.did == ["prepare {'nodes': 1}"] * 2


def test_a_start_that_fails_ends_what_it_began() -> None:
    deployment = _Deployment(fails="no room")

    async def play() -> None:
        supervisor = Supervisor(deployment)
        with pytest.raises(EnvironmentFailed, match="no room"):
            await supervisor.start(seed=1)
        with pytest.raises(UsageError, match="started already"):
            await supervisor.start(seed=1)

    asyncio.run(play())
    assert deployment.did == ["prepare {}", "launch", "close"]


def test_requests_before_the_start_are_refused() -> None:
    async def play() -> None:
        handlers = Supervisor(_Deployment()).handlers()
        for request in ("replication", "failover", "channel", "clock"):
            with pytest.raises(EnvironmentFailed, match="is not running"):
                await handlers[request]()  # type: ignore[misc]
        with pytest.raises(UsageError, match="no durability 'all'"):
            await handlers["durability"](mode="all")  # type: ignore[misc]

    asyncio.run(play())


def test_channel_settings_reach_the_nodes_and_name_the_silent_ones() -> None:
    deployment = _Deployment()
    deployment.silent = ["B"]

    async def play() -> dict[str, Any]:
        supervisor = Supervisor(deployment)
        supervisor._backends = await deployment.prepare(NodeSettings(NodeConfiguration()))
        assert await supervisor.handlers()["crash"](node="A") == {"node": "A"}  # type: ignore[misc]
        return await supervisor.channel(latency_ms=7)

    answer = asyncio.run(play())
    assert deployment.settings is not None
    assert deployment.settings.channel.latency_ms == 7
    assert (answer["latency_ms"], answer["counters"], answer["silent"]) == (7, {"payments": 2}, ["B"])
    assert deployment.did[1:] == ["crash A", "channel"]
