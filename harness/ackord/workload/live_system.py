"""Connects the order machine to a live system: synchronous rules on one thread, operations on an asyncio loop on
another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from ..client.operation_request import OperationRequest
from ..client.provider_client import ProviderClient
from ..contract.codec.codec import Interpretation
from ..core.clock import SECOND
from .order import WorkloadOrder
from .order_factory import OrderFactory

__all__ = ["LiveSystem", "RunStopped"]


class RunStopped(BaseException):
    """The run is being ended. It is not an ``Exception``, so that Hypothesis does not take it for a failing example."""


@dataclass
class LiveSystem:
    """Acts on ``client`` in ``loop``; ``arm`` and ``heal_fault`` switch the profile's faults and block until that is
    done.
    """

    client: ProviderClient
    book: OrderFactory
    loop: asyncio.AbstractEventLoop
    faults: tuple[str, ...] = ()
    arm: Callable[[str], object] = lambda fault: None
    heal_fault: Callable[[str], None] = lambda fault: None
    orders: list[WorkloadOrder] = field(default_factory=list)
    stopped: bool = False
    on_progress: Callable[[], None] = lambda: None

    def may_create_order(self) -> bool:
        return self.book.allowance.left > 0

    def create_order(self, amount_minor: int, *, payee: str | None = None) -> WorkloadOrder:
        order = self.book.create_order(amount_minor=self.book.amounts.fit(amount_minor), payee=payee)
        self.orders.append(order)
        return order

    def begin(self, order: WorkloadOrder, call: OperationRequest) -> Future[Interpretation | None]:
        if self.stopped:
            raise RunStopped
        return asyncio.run_coroutine_threadsafe(self._perform(order, call), self.loop)

    async def _perform(self, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None:
        reading = await self.client.perform(call)
        order.learn(call, reading)
        return reading

    def complete(self, pending: Future[Interpretation | None]) -> Interpretation | None:
        # The client limits every operation's time; the margin is for a busy machine.
        return pending.result(self.client.timeout_ns / SECOND + 30)

    def wait(self, duration_ns: int) -> None:
        if self.stopped:
            raise RunStopped
        self.client.clock.sleep_ns(duration_ns)

    def inject(self, fault: str) -> None:
        self.arm(fault)

    def heal(self, fault: str) -> None:
        self.heal_fault(fault)

    def start_program(self) -> frozenset[str]:
        if self.stopped:
            raise RunStopped
        if not self.may_create_order():
            raise RunStopped("all orders that limits.orders allows are used up")
        for fault in self.faults:
            self.arm(fault)
        return frozenset(self.faults)

    def end_program(self) -> None:
        self.on_progress()
