"""Moves the clock of a sandbox on, step by step, and sends the run's orders again after each step.

Nothing tells a key that is kept from one that nobody asked for, so what is shown is what a resubmission does: before
the promised time it arrives at the same order. How far the clock was moved is recorded, and counts for a number's age.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..client.transport import NoResponse
from ..client.transport_httpx import HttpxTransport
from ..contract.base.field_types import Duration
from ..contract.base.http_messages import TimestampNonce
from ..contract.base.payment import RequestContext
from ..core.clock import SECOND
from ..core.event import ClockAdvance
from ..errors import EnvironmentFailed
from ..workload.load_generator import LoadGenerator
from ..workload.order import WorkloadOrder
from .context import RunContext

__all__ = ["ClockWalk"]

_FOR_EVER_S = 32 * 86_400
"""Longer than any contract that comes along promises to keep a key."""
_BEFORE, _AFTER = 0.9, 1.1
"""Shares of the promised time."""
_AT_ONCE = 12


class ClockWalk:
    """The steps of one profile's run."""

    def __init__(self, context: RunContext, storm: LoadGenerator) -> None:
        self._context = context
        self._storm = storm
        self._ahead_s = 0

    async def walk(self, steps: Sequence[str]) -> None:
        """Take the steps that the contract's promise has. Raises ``EnvironmentFailed`` if the clock cannot be moved."""
        retention = self._context.plan.contract.contract.promises.key_retention
        if retention == "unpublished":
            return  # nobody knows what is before, and what after
        kept_s = retention.ns / SECOND if isinstance(retention, Duration) else None
        orders = [order for order in self._storm.orders if order.acknowledged]
        for step in steps:
            if step == "after-key-expiry" and kept_s is None:
                continue
            share = _BEFORE if step == "before-key-expiry" else _AFTER
            await self._advance_to(round(_FOR_EVER_S if kept_s is None else kept_s * share))
            await self._send_again(orders)

    async def _advance_to(self, ahead_s: int) -> None:
        context, by_s = self._context, ahead_s - self._ahead_s
        if by_s <= 0:
            return
        codec = context.plan.contract.codec
        assert codec.clock is not None  # otherwise the profile was refused
        now_s, began_ns = context.clock.unix_s(), context.clock.now_ns()
        request = codec.clock.advance(by_s, now_s + ahead_s, RequestContext(TimestampNonce(now_s, f"clock{ahead_s:x}")))
        direct = HttpxTransport(
            context.environment.direct_url,
            answer_bytes=context.plan.contract.contract.limits.answer_bytes,
            ca=context.plan.options.ca,
            certificate=context.environment.certificate,
        )
        try:
            answer = await direct.send(request, timeout_ns=context.client.timeout_ns)
            why = "" if 200 <= answer.status < 300 else f"{answer.status} {answer.body[:200].decode(errors='replace')}"
        except NoResponse as error:
            why = str(error)
        finally:
            await direct.close()
        if why:
            raise EnvironmentFailed(
                f"the sandbox's clock could not be moved on by {by_s} s: {why}.\n"
                "  expected: an answer 2xx to sandbox_clock.advance of the contract\n"
                "  mend: check it in the contract; try it by hand"
            )
        context.recorder.add(ClockAdvance(context.clock.now_ns(), by_s * SECOND, began_ns))
        self._ahead_s = ahead_s

    async def _send_again(self, orders: Sequence[WorkloadOrder]) -> None:
        remaining = iter(orders)

        async def worker() -> None:
            for order in remaining:
                await self._storm.perform(order, order.submit())
                await self._storm.perform(order, order.query())

        await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))
