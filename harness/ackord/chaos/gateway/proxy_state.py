"""Holds what the connections of one live edge share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from ...core.clock import SECOND
from ..timing.timer import FineTimer
from .acknowledgement import AcknowledgementRules
from .edge_state import EdgeState, ProxySettings
from .exchange_recorder import ExchangeRecorder
from .head_cache import HeadCache
from .tls import upstream_tls
from .upstream import UpstreamPool

__all__ = ["IdleConnection", "ProxyState"]


class IdleConnection(Protocol):
    """What an edge asks of each merchant's connection."""

    transport: asyncio.Transport

    def tick(self) -> None:
        """Check for idleness, every eighth of the idle time-out."""

    def resume(self) -> None:
        """Allow requests to begin again."""


class ProxyState(EdgeState):
    """The state that the connections of one edge share."""

    def __init__(
        self, settings: ProxySettings, emit: Callable[[bytes], None], timer: FineTimer, now_ns: Callable[[], int]
    ) -> None:
        """``emit`` takes batches of ``exchange_record.pack_records``."""
        self.loop = loop = asyncio.get_running_loop()
        self.timer = timer
        self.heads = HeadCache(settings.record_request_headers, settings.record_headers)
        self.merchants: set[IdleConnection] = set()
        """Connections from merchants."""
        self.congested = False
        """Whether records are read so slowly that no further exchange may begin."""
        self.idle = asyncio.Event()
        """Set when the last exchange in flight ends."""
        self.tasks: set[asyncio.Task[None]] = set()
        tls = upstream_tls(settings.upstream_tls) if settings.upstream_tls is not None else None
        self.nodes = {
            node: UpstreamPool(address, settings.record_body_bytes, loop, now_ns, self.heads, tls, self.spawn)
            for node, address in settings.upstreams.items()
        }
        """The ports to the nodes, as what they are; so are ``records``."""
        self.records = ExchangeRecorder(settings.name, settings.record_body_bytes, emit, loop)
        acknowledgement = AcknowledgementRules(settings.acknowledgement)
        super().__init__(settings, now_ns, timer, self.call_later, self.records, self.nodes, acknowledgement)

    def call_later(self, delay_ns: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        return self.loop.call_later(delay_ns / SECOND, action)

    def ended(self) -> None:
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` as a task that ends with the edge."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
