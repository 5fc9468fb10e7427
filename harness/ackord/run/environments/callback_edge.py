"""Pass a provider's callbacks on to a merchant under drill, and do to them what the faults of the callback seam order.

A callback that no fault hits gets the merchant's own answer, so the provider sends it again as it would. One that is
delayed or held back is taken in the merchant's name, and is then repeated here until the merchant takes it or a few
attempts are over: a delay alone must not lose it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ...chaos.faults import CallbackFault
from ...chaos.faults.callback_forged import CallbackForged
from ...chaos.faults.callbacks import (
    CopyCallback,
    DelayCallback,
    ForgeCallback,
    HoldCallback,
    LoseCallback,
    RefuseCallback,
)
from ...client.transport import LeanTransport, NoResponse
from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...contract.codec.callback_reader import ReceivedCallback
from ...core.clock import SECOND, Clock
from ...core.event import CallbackDelivered, Event, FaultChange
from ...core.operation import Observation
from ...core.payment_state import PaymentState
from ...core.seed import Seed
from .callback_forger import CallbackForger
from .callback_plan import CallbackPlan, order_called

__all__ = ["CallbackEdge", "CallbackEdgeHost"]

_TIMEOUT_NS = 2 * SECOND
_ANSWER_BYTES = 1 << 16
_PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Between the attempts of a callback that was taken in the merchant's name."""
_CLOSE_S = 5.0
_NOT_PASSED_ON = frozenset({"host", "content-length", "connection", "transfer-encoding", "keep-alive"})
"""What frames a message on one connection."""


class CallbackEdgeHost(NamedTuple):
    """What the edge needs of the run. All are safe from any thread."""

    read: Callable[[HttpRequest], ReceivedCallback | None]
    note: Callable[[HttpRequest], ReceivedCallback | None]
    """Records the callback, too."""
    record: Callable[[Event], None]
    catch_up: Callable[[], object]
    """Waits until what passed the gateway was recorded: by it a provider's id is known. Blocks its thread."""
    without_account: Callable[[HttpRequest], HttpRequest]
    reached: Callable[[ReceivedCallback], None] | None = None
    """Is told what has reached the merchant, be it taken or not; ``None``: nobody asks. Blocks its thread."""


@dataclass(frozen=True, slots=True)
class _OnItsWay:
    """A callback on its way to the merchant."""

    request: HttpRequest
    called: ReceivedCallback | None
    received_ns: int
    number: int = 0


class CallbackEdge:
    """The callbacks of one run. ``take`` belongs to the listener's thread; the rest is called from others."""

    def __init__(
        self,
        to: str,
        host: CallbackEdgeHost,
        forger: CallbackForger,
        clock: Clock,
        seed: Seed,
        *,
        below: Callable[[str], bool],
        called_at: str,
    ) -> None:
        """``to``: the merchant's own address. ``below``: whether a callback's own path (by its name) is to be added to
        that. ``called_at``: the address that the provider was told, whose host the merchant is shown.
        """
        self._to = to.rstrip("/")
        self._host = host
        self._forger = forger
        self._clock = clock
        self._plan = CallbackPlan(seed)
        self._below = below
        self._host_header = urlsplit(called_at).netloc
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._let_go = asyncio.Event()
        """Set while no fault is in force: nothing is held back then."""
        self._let_go.set()
        self._held: dict[str, asyncio.Event] = {}
        """By order: set when another callback about it was passed on."""
        self.notes: dict[str, None] = {}
        """What a reader of the verdict must know, once each."""

    # -- from other threads --------------------------------------------------------------------------------------------

    def set_faults(self, faults: Sequence[CallbackFault]) -> None:
        """Put these faults in force, and no others. What is held back is let go where there are none."""
        if any(isinstance(fault, CallbackForged) for fault in faults):
            self._forger.prepare()
        self._plan.faults = tuple(faults)
        if self._loop is None:
            (self._let_go.clear if faults else self._let_go.set)()
        else:
            self._loop.call_soon_threadsafe(self._let_go.clear if faults else self._let_go.set)

    def close(self) -> None:
        """Pass nothing on any more."""
        if self._loop is not None:
            with contextlib.suppress(TimeoutError, RuntimeError):
                asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_CLOSE_S)

    async def _end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- a callback ----------------------------------------------------------------------------------------------------

    async def take(self, request: HttpRequest) -> HttpResponse:
        """Take a callback of the provider; return what it is answered."""
        self._loop = asyncio.get_running_loop()
        received_ns = self._clock.now_ns()
        seen = self._host.read(request)
        if seen is not None and not seen.order_no and seen.reading.provider_id:
            await asyncio.to_thread(self._host.catch_up)
        called = self._host.note(request)
        if called is None:
            return _passed(await self._deliver(_OnItsWay(request, None, received_ns)))
        call = _OnItsWay(request, called, received_ns, self._plan.count(called))
        actions = self._plan.actions(called, call.number)
        for fault, action in actions:
            if isinstance(action, ForgeCallback):
                await self._forge(fault, action, call)
        for fault, action in actions:
            if isinstance(action, RefuseCallback):
                self._fired(fault, call, {"status": action.status})
                return HttpResponse(action.status, {}, b"")
            if isinstance(action, LoseCallback):
                self._fired(fault, call, {})
                return called.reply
            if isinstance(action, DelayCallback):
                self._fired(fault, call, {"ms": action.delay_ns // 1_000_000})
                self._start(self._later(call, action.delay_ns))
                return called.reply
            if isinstance(action, HoldCallback) and (order := order_called(called)) not in self._held:
                self._held[order] = asyncio.Event()
                self._start(self._after_another(fault, call, action.most_ns))
                return called.reply
        answer = await self._deliver(call)
        for fault, action in actions:
            if isinstance(action, CopyCallback):
                self._fired(fault, call, {"copies": action.copies})
                self._start(self._again(call, action))
        return _passed(answer)

    def _fired(self, fault: CallbackFault, call: _OnItsWay, detail: dict[str, Any]) -> None:
        assert call.called is not None
        detail = {"order": call.called.order_no, "callback": call.called.name, **detail}
        self._host.record(FaultChange(self._clock.now_ns(), fault.fault, "fired", fault.seam, 0, detail))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- what faults order ---------------------------------------------------------------------------------------------

    async def _later(self, call: _OnItsWay, delay_ns: int) -> None:
        await _within(self._let_go, delay_ns)
        await self._surely(call)

    async def _after_another(self, fault: CallbackFault, call: _OnItsWay, most_ns: int) -> None:
        assert call.called is not None
        order = order_called(call.called)
        overtaken = self._held[order]
        waiting = [asyncio.ensure_future(event.wait()) for event in (overtaken, self._let_go)]
        try:
            await asyncio.wait(waiting, timeout=most_ns / SECOND, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        del self._held[order]
        if overtaken.is_set():
            self._fired(fault, call, {"state": call.called.reading.state.name})
        await self._surely(call)

    async def _again(self, call: _OnItsWay, action: CopyCallback) -> None:
        for copy in range(1, action.copies + 1):
            await _within(self._let_go, action.delay_ns)
            await self._deliver(call, copy=copy)

    async def _surely(self, call: _OnItsWay) -> None:
        """Pass on what was taken in the merchant's name, until the merchant takes it or the attempts are over."""
        for pause_s in (*_PAUSES_S, 0.0):
            answer = await self._deliver(call)
            if answer is not None and 200 <= answer.status < 300:
                return
            await asyncio.sleep(pause_s)

    async def _forge(self, fault: CallbackFault, action: ForgeCallback, call: _OnItsWay) -> None:
        assert call.called is not None
        forged = self._forger.forge(call.called, action.claim, action.defect)
        if isinstance(forged, str):
            self.notes[f"{fault.fault} was left out: {forged}"] = None
            return
        self._fired(fault, call, {"claims": action.claim.name, "signature": forged.defect})
        await self._deliver(
            _OnItsWay(forged.request, call.called, call.received_ns),
            forged=f"signature: {forged.defect}",
            claim=action.claim,
        )

    # -- to the merchant -----------------------------------------------------------------------------------------------

    async def _deliver(
        self, call: _OnItsWay, *, copy: int = 0, forged: str = "", claim: PaymentState | None = None
    ) -> HttpResponse | None:
        """Pass a callback on, and record that; ``None``: the merchant did not answer."""
        sent_ns = self._clock.now_ns()
        transport = LeanTransport(self._to, answer_bytes=_ANSWER_BYTES, keep=False, host=self._host_header)
        answer, detail = None, ""
        try:
            answer = await transport.send(self._addressed(call), timeout_ns=_TIMEOUT_NS)
        except NoResponse as why:
            detail = str(why)
        finally:
            await transport.close()
        called = call.called
        if called is not None and not called.order_no:  # the order may have become known meanwhile
            called = self._host.read(call.request) or called
        self._host.record(
            CallbackDelivered(
                self._clock.now_ns(),
                "" if called is None else called.order_no,
                "" if called is None else called.name,
                Observation.UNREADABLE if called is None else called.reading.observation,
                claim or (PaymentState.UNKNOWN if called is None else called.reading.state),
                sent_ns,
                None if forged else call.received_ns,
                None if answer is None else answer.status,
                detail or ("" if called is None or forged else called.reading.detail),
                "" if called is None else called.account,
                forged,
                copy,
            )
        )
        if called is not None and not forged and self._host.reached is not None:
            await asyncio.to_thread(self._host.reached, called)
        if called is not None and not forged and (held := self._held.get(order_called(called))) is not None:
            held.set()
        return answer

    def _addressed(self, call: _OnItsWay) -> HttpRequest:
        request = self._host.without_account(call.request)
        own_path = urlsplit(self._to).path
        below = call.called is None or not own_path or self._below(call.called.name)
        query = urlsplit(request.target).query
        target = request.target if below else f"?{query}" if query else ""
        headers = tuple((name, value) for name, value in request.headers if name.lower() not in _NOT_PASSED_ON)
        return request._replace(target=target, headers=headers)


def _passed(answer: HttpResponse | None) -> HttpResponse:
    """The merchant's answer, as the provider gets it."""
    if answer is None:
        return HttpResponse(502, {}, b"")
    headers = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED_ON}
    return answer._replace(headers=headers)


async def _within(event: asyncio.Event, most_ns: int) -> None:
    """Wait for an event, but not longer than this."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), most_ns / SECOND)
