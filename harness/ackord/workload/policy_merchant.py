"""Performs a merchant's policy live: each intent is one ``MerchantMachine`` whose actions go over a real client.

The machine knows neither time nor order numbers; this driver gives it both, and remembers of each intent which numbers
were spent on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from ..client.operation_request import OperationRequest
from ..client.transport import Transport
from ..contract.base.http_messages import HttpRequest, HttpResponse
from ..contract.codec.codec import Interpretation, Payment
from ..core.clock import SECOND, Clock
from ..core.operation import Observation, OperationKind
from ..core.payment_state import LaterEdge
from ..core.seed import Seed
from ..merchant.events import Action, Answered, Conclude, Conclusion, Event, Send, Unanswered, WakeAt, Woken
from ..merchant.machine import MerchantMachine
from ..merchant.policy import MerchantPolicy

__all__ = ["IntentRun", "PolicyMerchant", "PromptedTransport", "pay_all"]

Perform = Callable[[OperationRequest], Awaitable[Interpretation | None]]
"""Sends an operation; ``None``: there was no answer."""
_NOT_GENUINE = "not genuine"
"""What ``Interpretation.detail`` says of an answer whose signature is wrong."""
_retry_after_ns: ContextVar[int | None] = ContextVar("retry_after_ns", default=None)
"""How long the answer to this task's last request asked to wait."""


class PromptedTransport:
    """A transport that remembers, for the task that sends, how long an answer asked to wait (``Retry-After``)."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        answer = await self._inner.send(request, timeout_ns=timeout_ns)
        told = answer.headers.get("retry-after", "").strip()
        _retry_after_ns.set(int(told) * SECOND if told.isascii() and told.isdigit() and len(told) < 7 else None)
        return answer

    async def close(self) -> None:
        await self._inner.close()


@dataclass
class IntentRun:
    """One payable thing on its way."""

    ordinal: int
    machine: MerchantMachine
    payments: list[Payment] = field(default_factory=list)
    """One for each order number that was spent on it."""

    @property
    def conclusion(self) -> Conclusion | None:
        return self.machine.conclusion


class PolicyMerchant:
    """Pays intents by one policy."""

    def __init__(
        self,
        policy: MerchantPolicy,
        perform: Perform,
        clock: Clock,
        new_payment: Callable[[int, int], Payment],
        *,
        seed: Seed,
        edges: tuple[LaterEdge, ...] = (),
        on_end: Callable[[IntentRun], Awaitable[None]] | None = None,
    ) -> None:
        """``new_payment(intent, n)`` gives the payment of an intent's nth order number, both from 0; only the number
        may differ. ``on_end`` is told when an intent is concluded.
        """
        self._policy = policy
        self._perform = perform
        self._clock = clock
        self._new_payment = new_payment
        self._seed = seed
        self._edges = edges
        self._on_end = on_end

    async def pay(self, ordinal: int) -> IntentRun:
        """Pay one intent: perform the policy's actions until it concludes."""
        unit = self._seed.derive("jitter", ordinal)
        machine = MerchantMachine(self._policy, unit.unit, self._edges)
        intent = IntentRun(ordinal, machine)
        events: asyncio.Queue[Event] = asyncio.Queue()
        calls: set[asyncio.Task[None]] = set()
        wake_ns: int | None = None
        todo: Sequence[Action] = machine.begin(self._clock.now_ns())
        try:
            while True:
                for action in todo:
                    if isinstance(action, Send):
                        call = asyncio.create_task(self._send(intent, action, events))
                        calls.add(call)
                        call.add_done_callback(calls.discard)
                    elif isinstance(action, WakeAt):
                        wake_ns = action.at_ns
                    elif isinstance(action, Conclude):
                        if self._on_end is not None:
                            await self._on_end(intent)
                        return intent
                event = await self._next(events, wake_ns)
                if isinstance(event, Woken):
                    wake_ns = None
                todo = machine.on(event, self._clock.now_ns())
        finally:
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    async def _next(self, events: asyncio.Queue[Event], wake_ns: int | None) -> Event:
        if wake_ns is None:
            return await events.get()
        try:
            async with asyncio.timeout(max(0.0, (wake_ns - self._clock.now_ns()) / SECOND)):
                return await events.get()
        except TimeoutError:
            return Woken()

    async def _send(self, intent: IntentRun, send: Send, events: asyncio.Queue[Event]) -> None:
        while len(intent.payments) <= send.number:
            intent.payments.append(self._new_payment(intent.ordinal, len(intent.payments)))
        number = intent.machine.numbers[send.number]
        attempt = number.queries if send.kind is OperationKind.QUERY else number.writes
        call = OperationRequest(send.kind, intent.payments[send.number], intent.ordinal, attempt)
        _retry_after_ns.set(None)
        reading = await self._perform(call)
        if reading is None:
            events.put_nowait(Unanswered(send.call))
            return
        genuine = not (reading.observation is Observation.UNREADABLE and _NOT_GENUINE in reading.detail)
        events.put_nowait(Answered(send.call, reading.observation, reading.state, genuine, _retry_after_ns.get()))


async def pay_all(merchant: PolicyMerchant, intents: int, *, concurrency: int) -> list[IntentRun]:
    """Pay ``intents`` intents, ``concurrency`` at a time; return them in their order."""
    done: dict[int, IntentRun] = {}
    remaining = iter(range(intents))

    async def worker() -> None:
        for ordinal in remaining:
            done[ordinal] = await merchant.pay(ordinal)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, intents)):
            group.create_task(worker())
    return [done[ordinal] for ordinal in range(intents)]
