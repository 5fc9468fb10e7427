"""Run one node in a container of its own: the reference provider's supervisor with this node alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.clock import MS, Clock
from ...errors import EnvironmentFailed, UsageError
from ...host.free_port import free_port
from .attached_process import AttachedProcess
from .docker_engine import DockerEngine

__all__ = ["ContainerNode"]

Json = dict[str, Any]

_HTTP_PORT = 8080
_PORT_TRIES = 3


class ContainerNode:
    """Control one node.

    ``launch`` makes the container, ``begin`` starts the node, ``call`` sends it a request. Pausing what is paused, or
    undoing what was not done, changes nothing. Raises ``UsageError`` for what a dead node cannot do.
    """

    def __init__(
        self, name: str, engine: DockerEngine, clock: Clock, log: Path | None, on_event: Callable[[Json], None]
    ) -> None:
        self.name = name
        self.port = 0
        """Of 127.0.0.1; the same for as long as the run lasts."""
        self.dead = False
        self.paused = False
        self.cut_off = False
        self.counters: Counter[str] = Counter()
        """What its channel counted, as far as it told; lives that ended with their container included."""
        self._counters_before: Counter[str] = Counter()
        self._engine = engine
        self._clock = clock
        self._log = log
        self._on_event = on_event
        self._container = ""
        self._address = ""
        self._wire: AttachedProcess | None = None
        self._killed_at_ns = 0

    @property
    def listens(self) -> bool:
        """Whether the node can take a request."""
        return not (self.dead or self.paused or self.cut_off)

    async def launch(self) -> None:
        """Make and start the container.

        The port is chosen here, because it must stay the same when the node comes back. If another process takes the
        port in between, another one is chosen.
        """
        for attempt in range(_PORT_TRIES):
            self.port = free_port()
            self._container = await asyncio.to_thread(
                self._engine.make,
                self.name.lower(),
                self._engine.settings.provider_image,
                ports={_HTTP_PORT: self.port},
                attached=True,
            )
            try:
                await self._run()
            except EnvironmentFailed as error:
                if attempt + 1 == _PORT_TRIES or "address already in use" not in str(error):
                    raise
                await asyncio.to_thread(self._engine.remove, self._container)
            else:
                break
        self._address = await asyncio.to_thread(self._engine.address, self._container)

    async def begin(self, **arguments: Any) -> Json:
        """Send ``start`` to the supervisor in the container; return when the node serves."""
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
        if not self.listens or self._wire is None:
            raise UsageError(f"node {self.name} is {self._condition()}: it cannot be told to {do}")
        answer = await self._wire.call(do, **arguments)
        if "counters" in answer:
            self.counters = self._counters_before + Counter(answer["counters"])
        return answer

    def forget_counts(self) -> None:
        self.counters, self._counters_before = Counter(), Counter()

    async def pause(self) -> Json:
        """Freeze all processes of the container; connections to it stay open, and nothing comes."""
        self._must_live()
        if not self.paused:
            await asyncio.to_thread(self._engine.pause, self._container)
            self.paused = True
        return await self._shown()

    async def resume(self) -> Json:
        self._must_live()
        if self.paused:
            await asyncio.to_thread(self._engine.resume, self._container)
            self.paused = False
        return await self._shown()

    async def kill(self) -> Json:
        """End the whole container as ``kill -9`` does; it stays down."""
        self._must_live()
        await self.resume()  # what is frozen cannot even die
        self._killed_at_ns = self._clock.now_ns()
        await asyncio.to_thread(self._engine.kill, self._container)
        self.dead = True
        self._counters_before = self.counters
        await self.close()
        return {**await self._shown(), "killed_at_ns": self._killed_at_ns}

    async def restart(self) -> None:
        """Start the container again; its node waits for ``begin``. Raises ``UsageError`` unless it was killed."""
        if not self.dead:
            raise UsageError(f"node {self.name} is not down: there is nothing to revive")
        await self._run()
        self.dead = False

    async def revived(self) -> Json:
        """Return the answer to ``revive`` once the node serves again."""
        down_ms = round((self._clock.now_ns() - self._killed_at_ns) / MS, 1)
        return {**await self._shown(), "killed_at_ns": self._killed_at_ns, "down_ms": down_ms}

    async def disconnect(self) -> Json:
        """Take the container off the network: it runs on, reaches nobody, and its port refuses connections."""
        self._must_live()
        if not self.cut_off:
            await asyncio.to_thread(self._engine.disconnect, self._container)
            self.cut_off = True
        return await self._shown()

    async def connect(self) -> Json:
        """Put the container back on the network under its address, so that connections which outlived the cut go on."""
        if self.cut_off:
            await asyncio.to_thread(self._engine.connect, self._container, self.name.lower(), self._address)
            self.cut_off = False
        return await self._shown()

    async def close(self) -> None:
        if self._wire is not None:
            await self._wire.close()

    async def _run(self) -> None:
        self._wire = AttachedProcess(self.name, self._log, self._on_event)
        await self._wire.open(await asyncio.to_thread(self._engine.attach, self._container))
        await asyncio.to_thread(self._engine.start, self._container)

    async def _shown(self) -> Json:
        """What the engine itself says about the container, as proof."""
        return {
            "node": self.name,
            **await asyncio.to_thread(self._engine.evidence, self._container),
            "at_ns": self._clock.now_ns(),
        }

    def _must_live(self) -> None:
        if self.dead:
            raise UsageError(f"node {self.name} is down: revive it first")

    def _condition(self) -> str:
        return "down" if self.dead else "paused" if self.paused else "cut off"
