"""Take the provider's callbacks: read them as the merchant would, and record them as they came."""

from __future__ import annotations

import asyncio
import threading
from collections import ChainMap, deque
from collections.abc import Callable, MutableMapping

from ..contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..contract.codec.callback_problem import explained
from ..contract.codec.callback_reader import CallbackReader, ReceivedCallback
from ..core.clock import RealClock
from ..core.event import CallbackReceived
from ..core.operation import Observation
from ..record.pending_queries import ArrivedCallback
from ..record.recorder import Recorder
from .environments.callback_gate import CallbackGate

__all__ = ["CallbackTaking"]

_REMEMBERED = 32
"""Callbacks whose bodies are compared with, where a signature is that of another one."""


class CallbackTaking:
    """The callbacks of one run. Safe from any thread."""

    def __init__(
        self,
        reader: CallbackReader,
        numbers: MutableMapping[str, str],
        recorder: Recorder,
        clock: RealClock,
        gate: CallbackGate,
        *,
        catch_up: Callable[[], None],
        came: Callable[[ReceivedCallback], None] | None = None,
    ) -> None:
        """``numbers``: order numbers by the provider's identifiers, as far as the merchant knows them. ``catch_up``
        waits until what passed the gateway was recorded; ``came`` is told what reached Ackord's own merchant. Both
        block their thread.
        """
        self._reader = reader
        self._numbers = ChainMap(numbers, recorder.numbers)
        self._recorder = recorder
        self._clock = clock
        self._gate = gate
        self._catch_up = catch_up
        self._came = came
        self._before: deque[HttpRequest] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    def read(self, request: HttpRequest) -> ReceivedCallback | None:
        """Read a callback without recording it; ``None``: it is none of the contract's."""
        return self._reader.read(request, self._numbers, TimestampNonce(self._clock.unix_s()))

    def note(self, request: HttpRequest, read: ReceivedCallback | None = None) -> ReceivedCallback | None:
        """Record a callback that came now, and was ``read`` or not; ``None``: it is none of the contract's."""
        at_ns, called = self._clock.now_ns(), read or self.read(request)
        if called is None:
            return None
        with self._lock:
            if called.problem:
                problem = explained(request, called.problem, self._is_genuine, self._before)
                called = called._replace(problem=problem)
            self._before.append(request)
        for event in (called, *called.further):
            self._note_event(at_ns, request, event)
        return called

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Take a callback as Ackord's own merchant, and return what it is answered."""
        called = self.read(request)
        if called is not None and not called.order_no and called.reading.provider_id:
            await asyncio.to_thread(self._catch_up)  # it may be quicker than the answer that tells the identifier
            called = self.read(request)
        if called is None:
            return HttpResponse(404, {}, b"")
        if (refusal := self._gate.refused(called)) is not None:
            return refusal
        self.note(request, called)
        if self._came is not None:
            await asyncio.to_thread(self._came, called)
        return called.reply

    def _is_genuine(self, request: HttpRequest) -> bool:
        called = self.read(request)
        return called is not None and not called.problem

    def _note_event(self, at_ns: int, request: HttpRequest, event: ReceivedCallback) -> None:
        reading = event.reading
        self._recorder.add(
            CallbackReceived(
                at_ns,
                event.order_no,
                event.name,
                reading.observation,
                reading.state,
                reading.detail,
                event.account,
                reading.provider_id,
                reading.amount_minor,
                reading.currency,
                reading.payee,
                event.problem,
            )
        )
        if event.ends_query and reading.observation is not Observation.UNREADABLE:
            headers = {name.lower(): value for name, value in request.headers}
            arrived = ArrivedCallback(at_ns, reading, HttpResponse(200, headers, request.body))
            self._recorder.called_back(event.account, event.order_no, arrived)
