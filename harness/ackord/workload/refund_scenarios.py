"""Defines the scenarios in which money of an order is given back: a part, again, with a lost answer, at once, and more
than was paid.

Where a contract gives back whole orders only, parts are whole orders.
"""

from __future__ import annotations

import asyncio

from ..core.operation import OperationKind
from .order import WorkloadOrder
from .scenario_base import ScenarioRunner, poll_to_the_end, scenario

__all__: list[str] = []

_REFUND = OperationKind.REFUND


async def _paid(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    await stage.perform(order, order.submit())
    await poll_to_the_end(stage, order)


@scenario("refund-part", _REFUND)
async def refund_part(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Give a third back, and then another one, under a number of its own."""
    await _paid(stage, order)
    await stage.perform(order, order.refund(order.part(1 / 3)))
    await stage.perform(order, order.query())
    await stage.perform(order, order.refund(order.part(1 / 3)))
    await stage.perform(order, order.query())


@scenario("refund-again", _REFUND)
async def refund_again(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Give a third back, and send the same refund again, at once and a little later."""
    await _paid(stage, order)
    await stage.perform(order, order.refund(order.part(1 / 3)))
    await stage.perform(order, order.refund_again())
    await stage.pause(60)
    await stage.perform(order, order.refund_again())
    await stage.perform(order, order.query())


@scenario("refund-lost-answer", _REFUND)
async def refund_lost_answer(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Give a half back; the answer is lost, so the same refund is sent again."""
    await _paid(stage, order)
    await stage.perform(order, order.refund(order.part(1 / 2), inject="lost-answer"))
    await stage.perform(order, order.refund_again())
    await stage.pause(30)
    await stage.perform(order, order.refund_again())


@scenario("refund-race", _REFUND)
async def refund_race(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Send the same refund from four workers at the same instant."""
    await _paid(stage, order)
    hold = f"barrier:{order.token}r:4"
    first = order.refund(order.part(1 / 4), hold=hold)
    others = [order.refund_again(hold=hold) for _ in range(3)]
    await asyncio.gather(*(stage.perform(order, call) for call in (first, *others)))
    await stage.perform(order, order.refund_again())


@scenario("refunds-at-once", _REFUND)
async def refunds_at_once(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Send three refunds of 60 % each at the same instant, under numbers of their own: only one fits."""
    await _paid(stage, order)
    hold = f"barrier:{order.token}r:3"
    calls = [order.refund(order.part(0.6), hold=hold) for _ in range(3)]
    await asyncio.gather(*(stage.perform(order, call) for call in calls))
    await stage.perform(order, order.query())


@scenario("refunds-in-sum", _REFUND)
async def refunds_in_sum(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Send three refunds of 40 % each, one after the other: the third does not fit."""
    await _paid(stage, order)
    for _ in range(3):
        await stage.perform(order, order.refund(order.part(0.4)))
    await stage.perform(order, order.query())


@scenario("refund-over", _REFUND)
async def refund_over(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Ask for more than was paid, as far as the contract's limits let a run say so much, and then for all of it."""
    await _paid(stage, order)
    if (more_minor := order.more_than_all) is not None:
        await stage.perform(order, order.refund(more_minor))
    await stage.perform(order, order.refund(order.payment.amount_minor))
    await stage.perform(order, order.query())


@scenario("refund-too-early", _REFUND)
async def refund_too_early(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Ask for money back at the instant of the acknowledgement, and for the same once the order has ended."""
    submit = order.submit()
    refund = order.refund(order.part(1 / 2), hold=f"ack:{submit.token}")
    await asyncio.gather(stage.perform(order, submit), stage.perform(order, refund))
    await poll_to_the_end(stage, order)
    await stage.perform(order, order.refund_again())
