"""A live world: the machine's synchronous rules on one thread, the operations on an asyncio loop on another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from ..client.call import Call
from ..client.client import ProviderClient
from ..contract.codec.codec import Reading
from ..core.clock import SECOND
from .order import Order, OrderBook

__all__ = ["LiveWorld", "Stopped"]


class Stopped(BaseException):
    """The run is being ended. Not an ``Exception``, so that Hypothesis does not take it for a failing example."""


@dataclass
class LiveWorld:
    """Acts on ``client`` in ``loop``; ``arm`` and ``heal_fault`` switch the profile's faults and block until it is done."""

    client: ProviderClient
    book: OrderBook
    loop: asyncio.AbstractEventLoop
    faults: tuple[str, ...] = ()
    arm: Callable[[str], None] = lambda fault: None
    heal_fault: Callable[[str], None] = lambda fault: None
    orders: list[Order] = field(default_factory=list)
    stopped: bool = False
    on_progress: Callable[[], None] = lambda: None

    def deal(self, amount_minor: int) -> Order:
        order = self.book.deal(amount_minor=amount_minor)
        self.orders.append(order)
        return order

    def begin(self, order: Order, call: Call) -> Future[Reading | None]:
        if self.stopped:
            raise Stopped
        return asyncio.run_coroutine_threadsafe(self._perform(order, call), self.loop)

    async def _perform(self, order: Order, call: Call) -> Reading | None:
        reading = await self.client.perform(call)
        order.learn(call, reading)
        return reading

    def complete(self, pending: Future[Reading | None]) -> Reading | None:
        # The client bounds every operation in time; the margin is for a machine that is busy.
        return pending.result(self.client.timeout_ns / SECOND + 30)

    def wait(self, duration_ns: int) -> None:
        if self.stopped:
            raise Stopped
        self.client.clock.sleep_ns(duration_ns)

    def inject(self, fault: str) -> None:
        self.arm(fault)

    def heal(self, fault: str) -> None:
        self.heal_fault(fault)

    def start_program(self) -> frozenset[str]:
        if self.stopped:
            raise Stopped
        for fault in self.faults:
            self.arm(fault)
        return frozenset(self.faults)

    def end_program(self) -> None:
        self.on_progress()
