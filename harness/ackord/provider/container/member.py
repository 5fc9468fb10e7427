"""One node of the provider in a container of its own: the reference provider's supervisor with one node, told what to do over its standard input."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.clock import MS, Clock
from ...errors import EnvironmentFailed, UsageError
from .engine import Engine
from .wire import Wire

__all__ = ["Member"]

Json = dict[str, Any]

_HTTP_PORT = 8080
_PORT_TRIES = 3


class Member:
    """A node: ``launch`` makes it, ``call`` tells it something, and its container can be paused, killed and cut off."""

    def __init__(
        self, name: str, engine: Engine, clock: Clock, log: Path | None, on_event: Callable[[Json], None]
    ) -> None:
        self.name = name
        self.port = 0
        """Of 127.0.0.1; the same for as long as the run lasts."""
        self.condition = "new"
        """``running``, ``paused``, ``killed`` or ``disconnected``; what it cannot do then is refused."""
        self.counters_before: Counter[str] = Counter()
        """What its channel counted in lives that ended with their container, as far as it told."""
        self.counters: Counter[str] = Counter()
        self._engine = engine
        self._clock = clock
        self._log = log
        self._on_event = on_event
        self._container = ""
        self._wire: Wire | None = None
        self._down_since_ns = 0

    @property
    def listens(self) -> bool:
        """Whether it can be told something: not while it is paused or dead."""
        return self.condition in ("running", "disconnected")

    async def launch(self) -> None:
        """Make and start the container. Its port is picked here and must stay the same when it comes back to the network, so a port that another takes in between is replaced."""
        for attempt in range(_PORT_TRIES):
            self.port = _free_port()
            self._container = await asyncio.to_thread(
                self._engine.make,
                self.name.lower(),
                self._engine.settings.provider_image,
                ports={_HTTP_PORT: self.port},
                attached=True,
            )
            try:
                return await self._run()
            except EnvironmentFailed as error:
                if attempt + 1 == _PORT_TRIES or "address already in use" not in str(error):
                    raise
                await asyncio.to_thread(self._engine.remove, self._container)
        return None

    async def begin(self, **arguments: Any) -> Json:
        """The supervisor's ``start`` with this node alone; returns when it serves."""
        return await self.call(
            "start",
            timeout_s=self._engine.settings.patience_s,
            nodes=[self.name],
            host="0.0.0.0",
            ports={self.name: _HTTP_PORT},
            fresh=False,
            **arguments,
        )

    async def call(self, do: str, /, **arguments: Any) -> Json:
        assert self._wire is not None
        return await self._wire.call(do, **arguments)

    async def channel(self, **levers: Any) -> Json:
        """Turn its channel's levers, and keep what it counted."""
        answer = await self.call("channel", **levers)
        self.counters = self.counters_before + Counter(answer["counters"])
        return answer

    async def pause(self) -> Json:
        """Freeze all its processes; connections to it stay open, and nothing comes."""
        self._must_be("running")
        await asyncio.to_thread(self._engine.pause, self._container)
        self.condition = "paused"
        return await self._shown()

    async def resume(self) -> Json:
        self._must_be("paused")
        await asyncio.to_thread(self._engine.resume, self._container)
        self.condition = "running"
        return await self._shown()

    async def kill(self) -> Json:
        """End the whole container as ``kill -9`` does; it stays down."""
        self._must_be("running", "paused", "disconnected")
        self._down_since_ns = self._clock.now_ns()
        await asyncio.to_thread(self._engine.kill, self._container)
        self.condition = "killed"
        self.counters_before = self.counters
        if self._wire is not None:
            await self._wire.close()
        return {**await self._shown(), "killed_at_ns": self._down_since_ns}

    async def revive(self, **arguments: Any) -> Json:
        """Start the killed container again, its node with ``arguments`` as ``begin`` takes them."""
        await self.restart()
        await self.begin(**arguments)
        return {**await self._shown(), "killed_at_ns": self._down_since_ns, "down_ms": self._since(self._down_since_ns)}

    async def restart(self) -> None:
        """Start the killed container again; its node waits for ``begin``."""
        self._must_be("killed")
        await self._run()

    async def disconnect(self) -> Json:
        """Cut it off from the servers and from everybody else; it runs on."""
        self._must_be("running")
        await asyncio.to_thread(self._engine.disconnect, self._container)
        self.condition = "disconnected"
        return await self._shown()

    async def connect(self) -> Json:
        self._must_be("disconnected")
        await asyncio.to_thread(self._engine.connect, self._container, self.name.lower())
        self.condition = "running"
        return await self._shown()

    async def close(self) -> None:
        if self._wire is not None:
            await self._wire.close()

    async def _run(self) -> None:
        self._wire = Wire(self.name, self._log, self._on_event)
        await self._wire.open(await asyncio.to_thread(self._engine.attach, self._container))
        await asyncio.to_thread(self._engine.start, self._container)
        self.condition = "running"

    async def _shown(self) -> Json:
        """What the engine itself says about the container, as proof."""
        state = await asyncio.to_thread(self._engine.state, self._container)
        networks = await asyncio.to_thread(self._engine.networks, self._container)
        return {
            "node": self.name,
            "pid": state["Pid"],
            "state": state["Status"],
            "networks": networks,
            "at_ns": self._clock.now_ns(),
        }

    def _must_be(self, *conditions: str) -> None:
        if self.condition not in conditions:
            raise UsageError(f"node {self.name} is {self.condition}; it would have to be {' or '.join(conditions)}")

    def _since(self, then_ns: int) -> float:
        return round((self._clock.now_ns() - then_ns) / MS, 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
