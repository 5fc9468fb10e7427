"""What the connections of one edge share: settings, rules, upstream connections, holds, records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import UnknownNameError, UsageError
from ..timer import FineTimer
from .heads import RequestHead
from .holds import Holds
from .identity import read_identity
from .records import Recorder
from .request import Request
from .rules import RuleSet
from .upstream import Pool

__all__ = ["EdgeSettings", "EdgeState"]

ROTATE = "rotate"


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


class EdgeState:
    """The state that the connections of one edge share."""

    def __init__(
        self, settings: EdgeSettings, emit: Callable[[bytes], None], timer: FineTimer, now_ns: Callable[[], int]
    ) -> None:
        """``emit`` takes records: lines of JSON."""
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
        self.merchants: set[asyncio.Transport] = set()
        """Connections from merchants."""
        self.in_flight = 0
        """Exchanges that are not over, at the provider's side."""
        self.idle = asyncio.Event()
        """Set when the last exchange in flight ends."""
        self.tasks: set[asyncio.Task[None]] = set()
        self._arrivals = 0
        self._nodes = list(settings.upstreams)

    def request(self, head: RequestHead, body: bytes, content: bytes) -> Request:
        """Who the request is, where it goes and what is to happen to it. Raises ``UsageError`` if its ``ackord-*`` headers make no sense."""
        self._arrivals += 1
        who = read_identity(head.ours, self._arrivals)
        node = who.node
        if not node:
            node = self.settings.default_node
            if node == ROTATE:
                node = self._nodes[(self._arrivals - 1) % len(self._nodes)]
        elif node not in self.pools:
            raise UnknownNameError("node", node, self.pools)
        plan = self.rules.plan(who, node) if self.rules.rules or who.do else None
        return Request(who, node, plan, head, head.forward + body, content)

    def ended(self) -> None:
        """An exchange is over."""
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside everything else; it ends with the edge."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
