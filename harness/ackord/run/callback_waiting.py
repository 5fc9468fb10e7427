"""Wait for the callbacks that the contract promises: before their faults are healed, and at the end of a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from ..core.clock import SECOND, Clock
from ..core.event import Begin, CallbackReceived, Complete, Event
from ..core.operation import OperationKind, Vantage
from ..core.payment_state import TERMINAL
from ..core.promises import Promises
from ..record.recorder import Recorder
from ..workload.order import WorkloadOrder

__all__ = ["MOST_NS", "CallbackWaiting"]

MOST_NS = 60 * SECOND
"""No run waits longer. A promise of hours is judged in recorded traffic only."""
_LOOK_EVERY_MS = 25.0
_LOOK_THROUGH_EVERY_MS = 200.0
"""Where all events are looked at each time."""


class CallbackWaiting:
    """Waits for at most the promised time. Without a promise, or with one of hours, it waits for nothing."""

    def __init__(
        self, promises: Promises, recorder: Recorder, clock: Clock, pause: Callable[[float], Awaitable[None]]
    ) -> None:
        """``pause`` waits for a number of milliseconds."""
        self._within_ns = _awaited(promises.calls_back_within_ns)
        self._again_within_ns = _awaited(promises.resubmission_calls_back_within_ns)
        self._recorder, self._clock, self._pause = recorder, clock, pause

    async def first(self, orders: Iterable[WorkloadOrder]) -> None:
        """Return when a callback about every order that was acknowledged was taken, after however many refusals."""
        await self._each({order.payment.order_no for order in orders if order.acknowledged}, _called)

    async def ends(self, orders: Iterable[WorkloadOrder]) -> None:
        """Return when the end of every order that has ended was called back; where it is promised, after the last
        resubmission once more.
        """
        ended = {order.payment.order_no for order in orders if order.terminal}
        await self._each(ended, _end_called)
        if self._again_within_ns is not None:
            await self._called_again(ended, self._again_within_ns)

    async def _called_again(self, ended: set[str], within_ns: int) -> None:
        due_ns = self._clock.now_ns() + within_ns
        while self._clock.now_ns() <= due_ns and _not_called_again(list(self._recorder.events), ended):
            await self._pause(_LOOK_THROUGH_EVERY_MS)

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


def _awaited(within_ns: int | None) -> int | None:
    return None if within_ns is None or within_ns > MOST_NS else within_ns


def _not_called_again(events: Sequence[Event], ended: set[str]) -> bool:
    """Return whether the end of an order among ``ended`` was not called back after its last resubmission, but for
    callbacks that answered a query.
    """
    since = {e.order: e.at_ns for e in events if isinstance(e, Begin) and _sends_again(e) and e.order in ended}
    answered_ns = {e.at_ns for e in events if isinstance(e, Complete)}
    called = {
        e.order
        for e in events
        if isinstance(e, CallbackReceived)
        and e.state in TERMINAL
        and e.at_ns > since.get(e.order, e.at_ns)
        and e.at_ns not in answered_ns
    }
    return not since.keys() <= called


def _sends_again(event: Begin) -> bool:
    return event.vantage is Vantage.MERCHANT and event.kind is OperationKind.RESUBMIT


def _called(event: Event) -> str:
    """Return whose callback was taken; empty for every other event."""
    return event.order if isinstance(event, CallbackReceived) else ""


def _end_called(event: Event) -> str:
    return event.order if isinstance(event, CallbackReceived) and event.state in TERMINAL else ""
