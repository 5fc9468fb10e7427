"""Plays scenarios on many orders at once, a bounded number at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ..client.operation_request import OperationRequest
from ..client.provider_client import ProviderClient
from ..contract.codec.codec import Interpretation
from ..core.clock import MS
from ..core.key_promises import KeyPromises
from ..core.payment_state import PaymentState
from ..core.promises import Promises
from ..core.sandbox_trigger import TriggerPromise
from .all_scenarios import SCENARIOS
from .order import WorkloadOrder
from .order_factory import OrderFactory

__all__ = ["LoadGenerator", "schedule_scenarios"]


def schedule_scenarios(weights: Mapping[str, int], orders: int) -> list[str]:
    """Return ``orders`` scenarios in proportion to their weights, evenly spread, the same every time.

    Smooth weighted round-robin: in each step every scenario earns its weight, and the richest is played and pays the
    sum. A random draw would leave rare scenarios out of small runs. Raises ``UnknownNameError`` for an unknown one.
    """
    for name in weights:
        SCENARIOS.get(name)
    total = sum(weights.values())
    credit = dict.fromkeys(weights, 0)
    dealt = []
    for _ in range(orders if total else 0):
        for name, weight in weights.items():
            credit[name] += weight
        richest = max(credit, key=lambda name: credit[name])
        credit[richest] -= total
        dealt.append(richest)
    return dealt


@dataclass
class LoadGenerator:
    """Plays scenarios on one client. ``orders`` collects what was played, for settling."""

    client: ProviderClient
    book: OrderFactory
    orders: list[WorkloadOrder] = field(default_factory=list)
    on_progress: Callable[[], None] = lambda: None
    _pulled: int = 0

    async def perform(self, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None:
        reading = await self.client.perform(call)
        order.learn(call, reading)
        return reading

    def variations(self, order: WorkloadOrder) -> frozenset[str]:
        return self.client.codec.variations(order.payment)

    @property
    def keys(self) -> KeyPromises:
        return self.promises.keys

    @property
    def promises(self) -> Promises:
        return self.client.codec.promises

    def pull(self, order: WorkloadOrder) -> TriggerPromise | None:
        triggers = [t for t in self.promises.triggers if self.book.may_pull(t)]
        if not triggers:
            return None
        trigger = triggers[self._pulled % len(triggers)]
        self._pulled += 1
        self.book.pull(order, trigger)
        return trigger

    def relative(self, order: WorkloadOrder, order_no: str, *, by_minor: int) -> WorkloadOrder | None:
        relative = self.book.relative(order, order_no, by_minor=by_minor)
        if relative is not None:
            self.orders.append(relative)
        return relative

    async def pause(self, ms: float) -> None:
        await asyncio.sleep(ms / 1000)

    async def play(
        self, scenarios: Iterable[str], *, concurrency: int, stop: Callable[[], bool] = lambda: False
    ) -> None:
        """Play all ``scenarios``, each with an order of its own, ``concurrency`` at a time.

        ``stop`` is asked before each. Orders are created in the sequence of ``scenarios``, so an ordinal means the same
        scenario in any interleaving.
        """
        assignments = [(SCENARIOS.get(name), self.book.create_order()) for name in scenarios]
        remaining = iter(assignments)

        async def worker() -> None:
            for scenario, order in remaining:
                if stop():
                    return
                self.orders.append(order)
                await scenario(self, order)
                self.on_progress()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(concurrency, len(assignments))):
                    group.create_task(worker())
        except ExceptionGroup as several:  # the first ended all the others
            raise several.exceptions[0] from None

    async def settle(
        self,
        *,
        within_ms: float,
        lands_ms: float = 0,
        awaited: Callable[[WorkloadOrder], bool] = lambda order: True,
    ) -> None:
        """Query every open order that is ``awaited`` until it is terminal and found, for at most ``within_ms``; then
        look once at every order that is still open or was not looked at yet.

        No operation begins after that time but the last ones, which show what became of each order. Writes that were
        put off, or not answered at all, are sent again: after healing, that must lead somewhere. Those that are put off
        to the end are sent a last time after it.

        An order that was never acknowledged and is not found is not waited for, unless it is in doubt: for as long as
        ``lands_ms`` it may still land, and it is asked for twice at least.
        """
        clock = self.client.clock
        began_ns = clock.now_ns()
        deadline_ns, landed_ns = began_ns + round(within_ms * MS), began_ns + round(lands_ms * MS)

        def late() -> bool:
            return clock.now_ns() >= deadline_ns

        submitted = [o for o in self.orders if o.writes]
        reads_before = {id(o): o.reads for o in submitted}
        open_orders = [o for o in submitted if (not o.terminal or o.missing) and awaited(o) and not o.stays_open]

        def may_land(order: WorkloadOrder) -> bool:
            once = order.reads < reads_before[id(order)] + 2
            return order.in_doubt and order.missing and (once or clock.now_ns() < landed_ns)

        every_ms = 60.0
        while open_orders and not late():
            await self._ask_all(open_orders, resubmit=lambda o: o.undecided and o.writes < 8, stop=late)
            open_orders = [o for o in open_orders if _is_open(o) or may_land(o)]
            if open_orders and not late():
                await self.pause(every_ms)
                every_ms = min(every_ms * 1.5, 400)
        if open_orders:
            await self.pause(20)
        still_open = set(map(id, open_orders))
        last = [o for o in submitted if id(o) in still_open or o.reads == reads_before[id(o)]]
        await self._ask_all(last, resubmit=lambda o: o.put_off and id(o) in still_open)

    async def _ask_all(
        self,
        orders: list[WorkloadOrder],
        *,
        resubmit: Callable[[WorkloadOrder], bool],
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        remaining = iter(orders)

        async def worker() -> None:
            for order in remaining:
                if stop():
                    return
                if resubmit(order):
                    await self.perform(order, order.submit())
                await self.perform(order, order.query())

        await asyncio.gather(*(worker() for _ in range(16)))


def _is_open(order: WorkloadOrder) -> bool:
    """Whether more is to be learnt of an order after it was asked for."""
    if order.terminal:
        return order.missing
    # What another client submitted is known to be there as soon as an answer shows it.
    return order.known or order.undecided or order.state is not PaymentState.UNKNOWN
