"""Defines the scenario that pulls the sandbox's triggers, so that what real payments seldom do is seen in every run."""

from __future__ import annotations

from .order import WorkloadOrder
from .scenario_base import ScenarioRunner, poll_orders, scenario

__all__: list[str] = []

_ATTEMPTS = 4
_RETRY_MS = 30
_LONGEST_WAIT_MS, _LONGEST_PAUSE_MS = 4000.0, 400.0


@scenario("sandbox-trigger")
async def sandbox_trigger(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit an order that pulls one of the triggers, each in its turn; follow it to the declared end, and submit it
    again after it.
    """
    trigger = stage.pull(order)
    await stage.perform(order, order.submit())
    for _ in range(_ATTEMPTS - 1):
        if not order.undecided:
            break
        await stage.pause(_RETRY_MS)
        await stage.perform(order, order.submit())
    if trigger is None or trigger.leads_to is None:
        await poll_orders(stage, order, polls=4)
        return
    longest_ms = _LONGEST_WAIT_MS if trigger.within_ns is None else trigger.within_ns / 1e6
    waited_ms, every_ms = 0.0, 15.0
    while order.acknowledged and waited_ms < longest_ms:
        await stage.perform(order, order.query())
        if order.state is trigger.leads_to:
            break
        await stage.pause(every_ms)
        waited_ms += every_ms
        every_ms = min(every_ms * 1.2, _LONGEST_PAUSE_MS)
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())
