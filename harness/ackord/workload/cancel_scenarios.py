"""Defines the scenarios in which an order is taken back: at the instant of its acknowledgement, twice, with a lost
answer, and after its end.
"""

from __future__ import annotations

import asyncio

from ..core.operation import OperationKind
from .order import WorkloadOrder
from .scenario_base import ScenarioRunner, poll_to_the_end, scenario

__all__: list[str] = []

_CANCEL = OperationKind.CANCEL


async def _submit_and_cancel(stage: ScenarioRunner, order: WorkloadOrder, inject: str = "") -> None:
    submit = order.submit()
    cancel = order.cancel(hold=f"ack:{submit.token}", inject=inject)
    await asyncio.gather(stage.perform(order, submit), stage.perform(order, cancel))
    await stage.perform(order, order.cancel(inject=inject))


@scenario("cancel-race", _CANCEL)
async def cancel_race(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, and cancel at the instant of the acknowledgement, while the provider begins to pay; and once more after
    it, because a cancel by the provider's identifier cannot be sent before that is known.
    """
    await _submit_and_cancel(stage, order)
    await stage.perform(order, order.query())
    await poll_to_the_end(stage, order)


@scenario("cancel-twice", _CANCEL)
async def cancel_twice(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, cancel from two workers at the instant of the acknowledgement, and cancel once more a little later."""
    submit = order.submit()
    both = [order.cancel(hold=f"ack:{submit.token}") for _ in range(2)]
    await asyncio.gather(stage.perform(order, submit), *(stage.perform(order, cancel) for cancel in both))
    await stage.pause(40)
    await stage.perform(order, order.cancel())
    await poll_to_the_end(stage, order)


@scenario("cancel-lost-answer", _CANCEL)
async def cancel_lost_answer(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit and cancel at once; the answer to the cancel is lost, so it is sent again."""
    await _submit_and_cancel(stage, order, inject="lost-answer")
    await stage.perform(order, order.cancel())
    await stage.perform(order, order.query())
    await poll_to_the_end(stage, order)


@scenario("cancel-resubmit", _CANCEL)
async def cancel_resubmit(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit and cancel at once, and submit the same order again, as from a queue that knows nothing of the cancel."""
    await _submit_and_cancel(stage, order)
    await stage.perform(order, order.submit())
    await poll_to_the_end(stage, order)


@scenario("cancel-after-end", _CANCEL)
async def cancel_after_end(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Cancel an order that has ended: that is too late, and nothing may change."""
    await stage.perform(order, order.submit())
    await poll_to_the_end(stage, order)
    await stage.perform(order, order.cancel())
    await stage.perform(order, order.query())
    await stage.pause(60)
    await stage.perform(order, order.query())
