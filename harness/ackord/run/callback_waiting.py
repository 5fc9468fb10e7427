"""Wait for the callbacks that the contract promises: before their faults are healed, and at the end of a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from ..core.clock import SECOND, Clock
from ..core.event import CallbackReceived, Event
from ..core.payment_state import TERMINAL
from ..core.promises import Promises
from ..record.recorder import Recorder
from ..workload.order import WorkloadOrder

__all__ = ["MOST_NS", "CallbackWaiting"]

MOST_NS = 60 * SECOND
"""No run waits longer. A promise of hours is judged in recorded traffic only."""
_LOOK_EVERY_MS = 25.0


class CallbackWaiting:
    """Waits for at most the promised time. Without a promise, or with one of hours, it waits for nothing."""

    def __init__(
        self, promises: Promises, recorder: Recorder, clock: Clock, pause: Callable[[float], Awaitable[None]]
    ) -> None:
        """``pause`` waits for a number of milliseconds."""
        within_ns = promises.calls_back_within_ns
        self._within_ns = None if within_ns is None or within_ns > MOST_NS else within_ns
        self._recorder, self._clock, self._pause = recorder, clock, pause

    async def first(self, orders: Iterable[WorkloadOrder]) -> None:
        """Return when a callback about every order that was acknowledged was taken, after however many refusals."""
        await self._each({order.payment.order_no for order in orders if order.acknowledged}, _called)

    async def ends(self, orders: Iterable[WorkloadOrder]) -> None:
        """Return when the end of every order that has ended was called back."""
        await self._each({order.payment.order_no for order in orders if order.terminal}, _end_called)

    async def _each(self, waited_for: set[str], about: Callable[[Event], str]) -> None:
        if self._within_ns is None:
            return
        due_ns = self._clock.now_ns() + self._within_ns
        seen = 0
        while self._clock.now_ns() <= due_ns:
            events = self._recorder.events
            waited_for = waited_for.difference(map(about, events[seen:]))
            seen = len(events)
            if not waited_for:
                return
            await self._pause(_LOOK_EVERY_MS)


def _called(event: Event) -> str:
    """Return whose callback was taken; empty for every other event."""
    return event.order if isinstance(event, CallbackReceived) else ""


def _end_called(event: Event) -> str:
    return event.order if isinstance(event, CallbackReceived) and event.state in TERMINAL else ""
