"""Defines the scenarios about keys and payloads: the same order in other bytes, and keys of every form.

What the contract promises nothing about is not sent: a request that may pay twice is no way to find out. Such a
scenario then submits as usual.
"""

from __future__ import annotations

import asyncio

from ..core.key_promises import ByteForm, KeyVariation
from .order import WorkloadOrder
from .scenario_base import ScenarioRunner, poll_orders, poll_to_the_end, scenario

__all__: list[str] = []

_LONGER_BY = 8
"""How much longer than the longest documented key an overlong one is."""


@scenario("equivalent-bytes")
async def equivalent_bytes(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit, and send the same values again in other bytes, at once and after the end: another library, or the next
    version of this one, writes the request.
    """
    await stage.perform(order, order.submit())
    forms = [form for form in ByteForm if form in stage.variations(order)]
    for form in forms:
        await stage.perform(order, order.submit(variation=form))
    await stage.perform(order, order.query())
    await poll_to_the_end(stage, order)
    for form in forms:
        await stage.perform(order, order.submit(variation=form))
    await stage.perform(order, order.submit())
    await stage.perform(order, order.query())


@scenario("other-payload-in-flight")
async def other_payload_in_flight(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit one number with two payloads in the same instant, so that neither has been answered when the other one
    arrives.
    """
    hold = f"barrier:{order.token}:2"
    first, second = order.submit(hold=hold), order.altered(by_minor=250, hold=hold)
    await asyncio.gather(stage.perform(order, first), stage.perform(order, second))
    await stage.perform(order, order.submit())
    await poll_orders(stage, order, polls=4)


@scenario("key-missing")
async def key_missing(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit two orders without a key."""
    await _without_key(stage, order, KeyVariation.MISSING)


@scenario("key-empty")
async def key_empty(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit two orders with an empty key: a merchant whose number was not set yet."""
    await _without_key(stage, order, KeyVariation.EMPTY)


async def _without_key(stage: ScenarioRunner, order: WorkloadOrder, variation: KeyVariation) -> None:
    if variation not in stage.variations(order):
        await _usual(stage, order)
        return
    await stage.perform(order, order.unkeyed(variation))
    await stage.perform(order, order.unkeyed(variation, by_minor=250))


@scenario("key-overlong")
async def key_overlong(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit two orders whose keys are too long and differ behind the longest documented key alone."""
    longest = stage.keys.longest or 0
    if KeyVariation.OVERLONG not in stage.variations(order):
        await _usual(stage, order)
        return
    number = order.payment.order_no
    stem = number + number[-1] * (longest + _LONGER_BY - 1 - len(number))
    last = sorted(set(number))[:2]
    for i, letter in enumerate(last):
        await _submit_relative(stage, order, stem + letter, KeyVariation.OVERLONG, by_minor=7 + i)


@scenario("key-other-case")
async def key_other_case(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Submit an order, and another one under the same number with its letters in the other case; where case means
    nothing, send the same order again so.
    """
    await stage.perform(order, order.submit())
    playable = stage.variations(order)
    if KeyVariation.OTHER_CASE in playable:
        number = order.payment.order_no.swapcase()
        await _submit_relative(stage, order, number, KeyVariation.OTHER_CASE, by_minor=9)
    elif KeyVariation.FOLDED in playable:
        await stage.perform(order, order.submit(variation=KeyVariation.FOLDED))
    await poll_orders(stage, order, polls=4)


async def _submit_relative(
    stage: ScenarioRunner, order: WorkloadOrder, number: str, variation: KeyVariation, *, by_minor: int
) -> None:
    relative = stage.relative(order, number, by_minor=by_minor)
    if relative is None:
        return
    relative.variation = variation
    await stage.perform(relative, relative.submit())
    if relative.acknowledged:
        await poll_orders(stage, relative, polls=4)


async def _usual(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    await stage.perform(order, order.submit())
    await poll_orders(stage, order, polls=4)
