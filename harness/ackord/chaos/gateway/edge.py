"""An edge: one listening port in front of a provider's nodes, where faults of the edge happen and every exchange is recorded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import UnknownNameError, UsageError
from ..timer import FineTimer
from .delivery import Request
from .exchange import Exchange
from .holds import Holds
from .identity import read_identity
from .merchant import Merchant
from .messages import RequestHead
from .records import Recorder
from .rules import RuleSet
from .upstream import Pool

__all__ = ["Edge", "EdgeSettings"]

ROTATE = "rotate"
_SWEEP_S = 0.5
_BACKLOG = 4096


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """How an edge is set up."""

    name: str
    upstreams: Mapping[str, tuple[str, int]]
    """Node to address."""
    default_node: str
    """The node of requests that name none; ``rotate``: each in turn."""
    record_body_bytes: int = 16_384
    max_held_bytes: int = 1 << 20
    """Requests up to this size are held whole; larger ones are passed on as they come, and no copies of them can be made."""
    hold_timeout_ms: float = 2000.0
    finish_timeout_ms: float = 30_000.0
    """How long the provider may go on with an answer that nobody waits for."""

    def __post_init__(self) -> None:
        if not self.upstreams:
            raise UsageError(f"edge {self.name}: no upstream. Expected at least one node with its address")
        if self.default_node != ROTATE and self.default_node not in self.upstreams:
            raise UnknownNameError("node", self.default_node, [*self.upstreams, ROTATE])


class Edge:
    """The state that the connections of one edge share."""

    def __init__(
        self,
        settings: EdgeSettings,
        emit: Callable[[bytes], None],
        timer: FineTimer,
        now_ns: Callable[[], int],
    ) -> None:
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self.timer = timer
        self.now_ns = now_ns
        self.recorder = Recorder(settings.name, settings.record_body_bytes, emit, self.loop)
        self.holds = Holds()
        self.rules = RuleSet(0, [])
        self.pools = {
            node: Pool(address, settings.record_body_bytes, self.loop, now_ns)
            for node, address in settings.upstreams.items()
        }
        self.merchants: set[Merchant] = set()
        self.in_flight = 0
        """Exchanges that are not over, at the provider's side."""
        self._idle = asyncio.Event()
        self._arrivals = 0
        self._nodes = list(settings.upstreams)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    async def open(self) -> int:
        """Listen on a free port of 127.0.0.1 and return it."""
        self._server = await self.loop.create_server(lambda: Merchant(self), "127.0.0.1", 0, backlog=_BACKLOG)
        self._sweep()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def drain(self, limit_ms: float) -> bool:
        """Wait until no exchange is in flight, at most ``limit_ms``; emit all records; return whether it is so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_ms / 1000):
                while self.in_flight:
                    self._idle.clear()
                    await self._idle.wait()
        self.recorder.flush()
        return not self.in_flight

    async def close(self) -> None:
        """Close the port and every connection; emit what is recorded."""
        if self._server is not None:
            self._server.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for merchant in list(self.merchants):
            merchant.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pool in self.pools.values():
            pool.abort()
        await asyncio.sleep(0)  # lets the aborted connections tell their exchanges
        self.recorder.flush()

    def exchange(self, merchant: Merchant, head: RequestHead, body: bytes, *, whole: bool) -> Exchange:
        """The exchange for a request. Raises ``UsageError`` if its ``ackord-*`` headers make no sense."""
        self._arrivals += 1
        who = read_identity(head.ours, self._arrivals)
        node = who.node
        if not node:
            node = self.settings.default_node
            if node == ROTATE:
                node = self._nodes[self._arrivals % len(self._nodes)]
        elif node not in self.pools:
            raise UnknownNameError("node", node, self.pools)
        plan = self.rules.plan(who, node) if self.rules.rules or who.do else None
        request = Request(who, node, plan, head, head.forward + body, merchant.reader.content)
        return Exchange(self, merchant, request, whole=whole)

    def ended(self) -> None:
        """An exchange is over."""
        self.in_flight -= 1
        if not self.in_flight:
            self._idle.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside everything else; it ends with the edge."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _sweep(self) -> None:
        for pool in self.pools.values():
            pool.sweep()
        self._sweeper = self.loop.call_later(_SWEEP_S, self._sweep)
