"""The plots of a storm: what one order goes through. Short stories, each after an incident; a profile weighs them.

A plot only acts: it never judges and never gives up on an answer. It is a coroutine that is given a ``ScenarioRunner`` (which performs calls and waits) and an
order. Waits are in milliseconds and are part of the story (a merchant polls, a retry comes late), not synchronisation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..client.operation_request import OperationRequest
from ..contract.codec.codec import Interpretation
from ..core.registry import Registry
from .order import WorkloadOrder

__all__ = ["SCENARIOS", "Scenario", "ScenarioRunner"]


class ScenarioRunner(Protocol):
    """Where a plot is played."""

    async def perform(self, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None: ...

    async def pause(self, ms: float) -> None: ...


Scenario = Callable[[ScenarioRunner, WorkloadOrder], Awaitable[None]]
SCENARIOS: Registry[Scenario] = Registry("plot")

_POLL_EVERY_MS = 22
_POLLS = 14
_LONGEST_LOOK_MS = 250


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    return lambda f: SCENARIOS.add(name, f)


async def _submit_and_query_on_ack(stage: ScenarioRunner, order: WorkloadOrder, queries: int = 1) -> None:
    """The race of the origin story: queries that leave the gateway in the instant of the acknowledgement."""
    submit = order.submit()
    held = [order.query(hold=f"ack:{submit.token}") for _ in range(queries)]
    await asyncio.gather(stage.perform(order, submit), *(stage.perform(order, q) for q in held))


async def _poll(
    stage: ScenarioRunner, order: WorkloadOrder, polls: int = _POLLS, every_ms: float = _POLL_EVERY_MS
) -> None:
    for _ in range(polls):
        await stage.pause(every_ms)
        await stage.perform(order, order.query())
        if order.terminal:
            return


@scenario("plain")
async def plain(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit; a query let go in the instant of the acknowledgement; while the order is not there, look again, soon and then later.

    Looking again at once is what measures the landing window: how long it takes, not only that it takes.
    """
    await _submit_and_query_on_ack(stage, order)
    every_ms = 1.0
    while order.acknowledged and order.missing and every_ms < _LONGEST_LOOK_MS:
        await stage.pause(every_ms)
        await stage.perform(order, order.query())
        every_ms *= 1.6


@scenario("poll")
async def poll(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, query at once, then poll as a merchant does, and a little beyond the end."""
    await _submit_and_query_on_ack(stage, order, queries=2)
    await _poll(stage, order)
    for _ in range(3):
        await stage.pause(60)
        await stage.perform(order, order.query())


@scenario("resubmit")
async def resubmit(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """The merchant is told "not found", or is impatient, and sends the same order again: at once, and a little later."""
    await stage.perform(order, order.submit())
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())
    await stage.pause(60)
    await stage.perform(order, order.submit())
    await _poll(stage, order, polls=6)


@scenario("late-resubmit")
async def late_resubmit(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """A retry that comes from a queue, long after the first."""
    await stage.perform(order, order.submit())
    await stage.pause(450)
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())
    await stage.pause(450)
    await stage.perform(order, order.submit())


@scenario("altered")
async def altered(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """The same number with another amount: a merchant's bug, or a fraud."""
    await stage.perform(order, order.submit())
    await stage.perform(order, order.altered())
    await stage.perform(order, order.query())
    await stage.pause(60)
    await stage.perform(order, order.altered(by_minor=250))
    await stage.perform(order, order.query())


@scenario("race")
async def race(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Four workers of a merchant send the same order in the same instant."""
    hold = f"barrier:{order.token}:4"
    calls = [order.submit(hold=hold) for _ in range(4)]
    await asyncio.gather(*(stage.perform(order, call) for call in calls))
    await stage.perform(order, order.submit())
    await _poll(stage, order, polls=4)


@scenario("overtake")
async def overtake(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """The query passes the submit on the way, is told "not found", and is asked again after the acknowledgement."""
    query = order.query()
    submit = order.submit(hold=f"pass:{query.token}")
    after = order.query(hold=f"ack:{submit.token}")
    await asyncio.gather(*(stage.perform(order, call) for call in (submit, query, after)))
    await stage.perform(order, order.query())
    await _poll(stage, order, polls=4, every_ms=40)


@scenario("other-account")
async def other_account(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Another merchant uses the same number: it must learn nothing, and get an order of its own."""
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
    """A number that nobody ever submitted: the control. If this is not NOT_FOUND, nothing else means anything."""
    await stage.perform(order, order.query())
    await stage.pause(30)
    await stage.perform(order, order.query())


@scenario("after-terminal")
async def after_terminal(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """A retry that arrives when all is over."""
    await stage.perform(order, order.submit())
    await _poll(stage, order, polls=40)
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())
    await stage.pause(80)
    await stage.perform(order, order.query())


@scenario("lost-answer")
async def lost_answer(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """The answer to the submit is lost on the way (the profile's faults see to it); the merchant sends again until it knows."""
    for _ in range(4):
        await stage.perform(order, order.submit())
        if not order.undecided:
            break
        await stage.pause(25)
    await stage.perform(order, order.query())
    await _poll(stage, order, polls=4)


@scenario("cut-off")
async def cut_off(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, then look again and again through an outage of a second."""
    await _submit_and_query_on_ack(stage, order)
    for _ in range(12):
        await stage.pause(120)
        await stage.perform(order, order.query())
