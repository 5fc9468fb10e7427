"""Defines the scenarios of a load: what one order goes through, each modelled on an incident and weighted by profiles.

A scenario never judges and never acts on an answer's failure. It is a coroutine that takes a ``ScenarioRunner`` (which
performs operations and waits) and an order. Waits are in milliseconds and belong to the scenario (a merchant polls, a
retry comes late); they are no synchronisation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..client.operation_request import OperationRequest
from ..contract.codec.codec import Interpretation
from ..core.key_promises import KeyPromises
from ..core.registry import Registry
from ..core.sandbox_trigger import TriggerPromise
from .order import WorkloadOrder

__all__ = ["SCENARIOS", "Scenario", "ScenarioRunner", "poll_orders", "poll_to_the_end", "scenario"]


class ScenarioRunner(Protocol):
    """Performs a scenario's operations and waits."""

    async def perform(self, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None: ...

    async def pause(self, ms: float) -> None: ...

    @property
    def keys(self) -> KeyPromises:
        """What the contract promises about keys."""
        ...

    def variations(self, order: WorkloadOrder) -> frozenset[str]:
        """Return the variations of the order's submit about which the contract promises something."""
        ...

    def pull(self, order: WorkloadOrder) -> TriggerPromise | None:
        """Let the order, which was not sent yet, pull one of the sandbox's triggers; ``None`` where none can be."""
        ...

    def relative(self, order: WorkloadOrder, order_no: str, *, by_minor: int) -> WorkloadOrder | None:
        """Deal out an order whose number is made of another's; ``None`` where there cannot be one."""
        ...


Scenario = Callable[[ScenarioRunner, WorkloadOrder], Awaitable[None]]
SCENARIOS: Registry[Scenario] = Registry("scenario")

_POLL_EVERY_MS = 22
_POLLS = 14
_LONGEST_LOOK_MS = 250
_LONGEST_PAUSE_MS, _LONGEST_WAIT_MS = 400.0, 4000.0
"""How seldom, and how long, an order is asked for that has not ended after the first polls."""


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    return lambda f: SCENARIOS.add(name, f)


async def _submit_and_query_on_ack(stage: ScenarioRunner, order: WorkloadOrder, queries: int = 1) -> None:
    """Submit, and query at the instant in which the gateway passes on the acknowledgement."""
    submit = order.submit()
    held = [order.query(hold=f"ack:{submit.token}") for _ in range(queries)]
    await asyncio.gather(stage.perform(order, submit), *(stage.perform(order, q) for q in held))


async def poll_orders(
    stage: ScenarioRunner, order: WorkloadOrder, polls: int = _POLLS, every_ms: float = _POLL_EVERY_MS
) -> None:
    for _ in range(polls):
        await stage.pause(every_ms)
        await stage.perform(order, order.query())
        if order.terminal:
            return


async def poll_to_the_end(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Poll as ``poll_orders`` does, and then ever more seldom: orders of real providers end after seconds."""
    await poll_orders(stage, order, polls=40)
    every_ms, waited_ms = float(_POLL_EVERY_MS), 0.0
    while not order.terminal and waited_ms < _LONGEST_WAIT_MS:
        every_ms = min(every_ms * 1.5, _LONGEST_PAUSE_MS)
        await stage.pause(every_ms)
        await stage.perform(order, order.query())
        waited_ms += every_ms


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
