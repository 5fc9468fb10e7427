"""Defines the scenarios of a load: what one order goes through, each modelled on an incident and weighted by profiles.

A scenario never judges and never acts on an answer's failure. It is a coroutine that takes a ``ScenarioRunner`` (which
performs operations and waits) and an order. Waits are in milliseconds and belong to the scenario (a merchant polls, a
retry comes late); they are no synchronisation.
"""

from __future__ import annotations

import asyncio

from .order import WorkloadOrder
from .scenario_base import (
    NEEDS,
    SCENARIOS,
    Scenario,
    ScenarioRunner,
    operations_needed,
    poll_orders,
    poll_to_the_end,
    scenario,
)

__all__ = [
    "NEEDS",
    "SCENARIOS",
    "Scenario",
    "ScenarioRunner",
    "operations_needed",
]


_LONGEST_LOOK_MS = 250


async def _submit_and_query_on_ack(stage: ScenarioRunner, order: WorkloadOrder, queries: int = 1) -> None:
    """Submit, and query at the instant in which the gateway passes on the acknowledgement."""
    submit = order.submit()
    held = [order.query(hold=f"ack:{submit.token}") for _ in range(queries)]
    await asyncio.gather(stage.perform(order, submit), *(stage.perform(order, q) for q in held))


@scenario("plain")
async def plain(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, and query at the instant of the acknowledgement; while the order is not found, query again, soon and then
    later.

    The repeated queries measure the length of the landing window.
    """
    await _submit_and_query_on_ack(stage, order)
    every_ms = 1.0
    while order.acknowledged and order.missing and every_ms < _LONGEST_LOOK_MS:
        await stage.pause(every_ms)
        await stage.perform(order, order.query())
        every_ms *= 1.6


@scenario("poll")
async def poll(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, query at once, then poll as a merchant does, and a little beyond the terminal status."""
    await _submit_and_query_on_ack(stage, order, queries=2)
    await poll_orders(stage, order)
    for _ in range(3):
        await stage.pause(60)
        await stage.perform(order, order.query())


@scenario("resubmit")
async def resubmit(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit; the merchant is told "not found", or is impatient, and sends the same order again, at once and a little
    later.
    """
    await stage.perform(order, order.submit())
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())
    await stage.pause(60)
    await stage.perform(order, order.submit())
    await poll_orders(stage, order, polls=6)


@scenario("late-resubmit")
async def late_resubmit(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, and resubmit long after, as from a queue."""
    await stage.perform(order, order.submit())
    await stage.pause(450)
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())
    await stage.pause(450)
    await stage.perform(order, order.submit())


@scenario("altered")
async def altered(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit the same number with another amount, as by a merchant's bug or a fraud."""
    await stage.perform(order, order.submit())
    await stage.perform(order, order.altered())
    await stage.perform(order, order.query())
    await stage.pause(60)
    await stage.perform(order, order.altered(by_minor=250))
    await stage.perform(order, order.query())


@scenario("race")
async def race(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit the same order from four workers at the same instant."""
    hold = f"barrier:{order.token}:4"
    calls = [order.submit(hold=hold) for _ in range(4)]
    await asyncio.gather(*(stage.perform(order, call) for call in calls))
    await stage.perform(order, order.submit())
    await poll_orders(stage, order, polls=4)


@scenario("overtake")
async def overtake(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Query before the submit arrives, which gives "not found", and query again after the acknowledgement."""
    query = order.query()
    submit = order.submit(hold=f"pass:{query.token}")
    after = order.query(hold=f"ack:{submit.token}")
    await asyncio.gather(*(stage.perform(order, call) for call in (submit, query, after)))
    await stage.perform(order, order.query())
    await poll_orders(stage, order, polls=4, every_ms=40)


@scenario("other-account")
async def other_account(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit the same number from another account, which must get its own order and learn nothing of the first."""
    await stage.perform(order, order.submit())
    if not order.other_account:
        return
    other = order.as_other_account()
    await stage.perform(other, other.query())
    await stage.perform(other, other.submit())
    await stage.perform(other, other.query())
    await stage.perform(order, order.query())


@scenario("unknown")
async def unknown(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Query a number that was never submitted; the control for all scenarios."""
    await stage.perform(order, order.query())
    await stage.pause(30)
    await stage.perform(order, order.query())


@scenario("after-terminal")
async def after_terminal(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Resubmit after the terminal status."""
    await stage.perform(order, order.submit())
    await poll_to_the_end(stage, order)
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())
    await stage.pause(80)
    await stage.perform(order, order.query())


@scenario("lost-answer")
async def lost_answer(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit; the profile's faults drop the answer, and the merchant resubmits until it knows the order's status."""
    for _ in range(4):
        await stage.perform(order, order.submit())
        if not order.undecided:
            break
        await stage.pause(25)
    await stage.perform(order, order.query())
    await poll_orders(stage, order, polls=4)


@scenario("cut-off")
async def cut_off(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, then query repeatedly through an outage of a second."""
    await _submit_and_query_on_ack(stage, order)
    for _ in range(12):
        await stage.pause(120)
        await stage.perform(order, order.query())
