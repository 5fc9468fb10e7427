"""One exchange: a request on its way to the provider and its answer on the way back, with what is done to them.

    start -> (latency) -> depart -> (lost-request | substitution) -> connection -> (hold) -> send -> answer -> over

Callbacks, not coroutines: at some 30,000 exchanges a second a task for each would cost more than the rest.
"""

from __future__ import annotations

import asyncio
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from ...core.clock import MS
from .identity import Identity
from .messages import AnswerHead, Garbled, RequestHead
from .records import ExchangeRecord
from .rules import DUPLICATE, LATENCY, LOST_ANSWER, LOST_REQUEST, RESET, SUBSTITUTION, Plan
from .upstream import Upstream, set_reading

if TYPE_CHECKING:
    from .edge import Edge
    from .merchant import Merchant

__all__ = ["Exchange", "Request"]


class Request(NamedTuple):
    """A request as it is to be forwarded."""

    who: Identity
    node: str
    plan: Plan | None
    head: RequestHead
    raw: bytes
    """The bytes for the provider; of a request too large to be held, its beginning."""
    content: bytes
    """The body for the record."""


class _Phase(IntEnum):
    WAITING = 0
    """Nothing was sent that the provider could act on."""
    SENT = 1
    OVER = 2


class Exchange:
    """One request, or one copy of it, at the provider's side."""

    __slots__ = (
        "_alarm",
        "_answered",
        "_begin_ns",
        "_edge",
        "_hold",
        "_merchant",
        "_phase",
        "_raw",
        "_sent_bytes",
        "_upstream",
        "copy",
        "request",
        "whole",
    )

    def __init__(self, edge: Edge, merchant: Merchant | None, request: Request, *, whole: bool, copy: int = 0) -> None:
        self._edge = edge
        self._merchant = merchant
        """``None``: nobody waits for the answer."""
        self.request = request
        self.whole = whole
        """Whether the request is complete here; if not, the rest is passed on as it comes."""
        self.copy = copy
        self._raw = request.raw
        self._sent_bytes = 0
        self._upstream: Upstream | None = None
        self._begin_ns = 0
        self._hold: str | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._phase = _Phase.WAITING
        self._answered = False
        """Whether a part of the answer went to the merchant."""

    # -- on the way to the provider ---------------------------------------------------------------------------------

    def start(self, delay_ns: int = 0) -> None:
        edge, plan = self._edge, self.request.plan
        edge.in_flight += 1
        if plan is not None and plan.delay_ns and not self.copy:
            delay_ns = plan.delay_ns
            self._fired(LATENCY, ms=delay_ns / MS)
        if not self.whole and self._merchant is not None:
            set_reading(self._merchant.transport, False)
        if delay_ns:
            edge.timer.call_at(edge.now_ns() + delay_ns, self._depart)
        else:
            self._depart()

    def _depart(self) -> None:
        if self._phase is _Phase.OVER:
            return
        plan, merchant = self.request.plan, self._merchant
        if plan is not None and merchant is not None:
            if plan.fate == LOST_REQUEST:
                self._fired(LOST_REQUEST)
                self._over()
                merchant.reset()
                return
            if plan.fate == SUBSTITUTION and plan.substitution is not None and not plan.substitution.forward:
                self._over()
                self._substitute(merchant, plan)
                return
        self._connect()

    def _connect(self) -> None:
        upstream = self._edge.pools[self.request.node].take()
        if upstream is not None:
            self._connected(upstream)
        else:
            self._edge.spawn(self._connect_anew())

    async def _connect_anew(self) -> None:
        pool = self._edge.pools[self.request.node]
        try:
            upstream = await pool.connect()
        except OSError as error:
            if self._phase is not _Phase.OVER:
                self._unreachable(error)
            return
        if self._phase is _Phase.OVER:
            pool.give_back(upstream)
        else:
            self._connected(upstream)

    def _unreachable(self, error: OSError) -> None:
        self._begin_ns = self._edge.now_ns()
        merchant, node = self._merchant, self.request.node
        self._record("refused")
        self._over()
        if merchant is not None:
            host, port = self._edge.pools[node].address
            message = f"node {node} at {host}:{port} cannot be reached: {error or type(error).__name__}"
            merchant.answer(502, {"code": "ACKORD_UPSTREAM_UNREACHABLE", "message": message})

    def _connected(self, upstream: Upstream) -> None:
        self._upstream = upstream
        upstream.exchange = self
        hold = self.request.who.hold
        if hold is None or self.copy or self._hold is not None:
            self._send()
            return
        self._alarm = self._edge.loop.call_later(self._edge.settings.hold_timeout_ms / 1000, self._hold_timed_out)
        if not hold.members:
            self._edge.holds.wait(hold.name, self._released)
        elif self.whole:
            self._sent_bytes = len(self._raw) - 1
            upstream.write(self._raw[:-1])
            self._edge.holds.join(hold.name, hold.members, self._released)
        else:  # larger than what may be held: it cannot take part
            self._hold_timed_out()

    def _released(self) -> None:
        self._go("released")

    def _hold_timed_out(self) -> None:
        self._leave_hold()
        self._go("timed-out")

    def _leave_hold(self) -> None:
        hold = self.request.who.hold
        if hold is not None and not self.copy:
            self._edge.holds.leave(hold.name, self._released)

    def _go(self, hold: str) -> None:
        self._hold = hold
        self._disarm()
        if self._upstream is None:  # lost while held; the provider had nothing that it could act on
            self._sent_bytes = 0
            self._connect()
        else:
            self._send()

    def _send(self) -> None:
        upstream = self._upstream
        assert upstream is not None
        raw = self._raw[self._sent_bytes :] if self._sent_bytes else self._raw
        self._phase = _Phase.SENT
        self._begin_ns = self._edge.now_ns()
        upstream.write(raw)
        plan, merchant = self.request.plan, self._merchant
        if self.copy:
            self._fired(DUPLICATE, copy=self.copy)
            self._finish_alone()
        elif plan is not None:
            if plan.copies and self.whole:
                for number in range(1, plan.copies + 1):
                    copy = Exchange(self._edge, None, self.request, whole=True, copy=number)
                    copy.start(number * plan.copy_delay_ns)
            if plan.fate == RESET and merchant is not None:
                self._fired(RESET)
                self._finish_alone()
                merchant.reset()
        if not self.whole:
            self._raw = b""
            if self._merchant is not None:
                set_reading(self._merchant.transport, True)

    def request_data(self, piece: bytes, content: bytes, *, whole: bool) -> None:
        """More of a request that is too large to be held."""
        self.request = self.request._replace(content=content)
        self.whole = whole
        if self._phase is _Phase.WAITING:
            self._raw += piece
        elif self._upstream is not None:
            self._begin_ns = self._edge.now_ns()
            self._upstream.write(piece)

    def request_flow(self, *, stop: bool) -> None:
        """The provider does not keep up with the request, or does again."""
        if not self.whole and self._merchant is not None:
            set_reading(self._merchant.transport, not stop)

    # -- on the way back --------------------------------------------------------------------------------------------

    def answer_data(self, data: bytes) -> None:
        upstream, merchant = self._upstream, self._merchant
        assert upstream is not None
        reader = upstream.reader
        while True:
            try:
                piece = reader.feed(data)
            except Garbled:
                self._broken("garbled")
                return
            head = reader.head
            if head is None or head.status >= 200:
                break
            if merchant is not None and head.status != 100 and not self._withheld():
                merchant.write(head.forward(close=False))
            reader.next_message()
            data = b""
        if head is None:
            return
        if self._phase is not _Phase.SENT:  # answered before it was asked
            self._broken("garbled")
        elif not reader.complete:
            self._pass_on(head, piece)
        else:
            self._complete(upstream, head, piece)

    def _pass_on(self, head: AnswerHead, piece: bytes) -> None:
        merchant = self._merchant
        if merchant is None or self._withheld():
            return
        if not self._answered:
            self._answered = True
            piece = head.forward(close=self._closes(head)) + piece
        merchant.write(piece)

    def _withheld(self) -> bool:
        plan = self.request.plan
        return plan is not None and plan.fate in (LOST_ANSWER, SUBSTITUTION)

    def _closes(self, head: AnswerHead) -> bool:
        return head.until_close or not self.whole or not self.request.head.keep_alive

    def _complete(self, upstream: Upstream, head: AnswerHead, piece: bytes) -> None:
        """The last byte of the answer is here."""
        edge, merchant, who = self._edge, self._merchant, self.request.who
        complete_ns = edge.now_ns()
        if who.token and not self.copy:
            edge.holds.complete(who.token)
        self._pass_on(head, piece)
        closes = self._closes(head)
        self._record("complete", complete_ns)
        self._over()
        reader = upstream.reader
        if head.keep_alive and self.whole and not reader.waiting_bytes and not upstream.transport.is_closing():
            reader.next_message()
            set_reading(upstream.transport, True)
            edge.pools[self.request.node].give_back(upstream)
        else:
            upstream.exchange = None
            upstream.transport.close()
        if merchant is not None:
            plan = self.request.plan
            if plan is None or not self._withheld():
                merchant.answered(close=closes)
            elif plan.fate == SUBSTITUTION:
                self._substitute(merchant, plan)
            else:
                self._fired(LOST_ANSWER, mode="hang" if plan.hang else "reset")
                if plan.hang:
                    merchant.hang()
                else:
                    merchant.reset()

    def _substitute(self, merchant: Merchant, plan: Plan) -> None:
        instead = plan.substitution
        assert instead is not None
        self._fired(SUBSTITUTION, status=instead.status, forward=instead.forward)
        retry = [] if instead.retry_after_s is None else [f"Retry-After: {instead.retry_after_s}"]
        merchant.answer(instead.status, {"code": instead.code} if instead.body is None else instead.body, retry)

    def answer_flow(self, *, stop: bool) -> None:
        """The merchant does not keep up with the answer, or does again."""
        if self._upstream is not None:
            set_reading(self._upstream.transport, not stop)

    # -- ends -------------------------------------------------------------------------------------------------------

    def merchant_lost(self, end: str) -> None:
        """The merchant gave up (``end`` is ``timeout``) or reset the connection."""
        if self._phase is _Phase.OVER:
            return
        plan = self.request.plan
        if self._phase is _Phase.SENT and self.whole and plan is not None and plan.fate == LOST_ANSWER:
            self._finish_alone()
        else:
            self._give_up(end)

    def request_garbled(self) -> None:
        """The rest of a large request cannot be read."""
        self._give_up("reset")

    def upstream_lost(self, error: Exception | None) -> None:
        upstream, self._upstream = self._upstream, None
        if self._phase is not _Phase.SENT or upstream is None:
            return
        reader = upstream.reader
        if error is None and reader.head is not None and reader.end():
            self._complete(upstream, reader.head, b"")
        else:
            self._upstream = upstream
            self._broken("reset")

    def _broken(self, end: str) -> None:
        """The provider's answer will not come, or cannot be read: the merchant gets a reset."""
        merchant = self._merchant
        self._give_up(end)
        if merchant is not None:
            merchant.reset()

    def _finish_alone(self) -> None:
        """Nobody waits for the answer; the provider has a bounded time to finish."""
        self._merchant = None
        if self._upstream is not None:
            set_reading(self._upstream.transport, True)
        self._alarm = self._edge.loop.call_later(self._edge.settings.finish_timeout_ms / 1000, self._give_up, "timeout")

    def _give_up(self, end: str) -> None:
        if self._phase is _Phase.OVER:
            return
        self._leave_hold()
        if self._phase is _Phase.SENT:
            self._record(end)
        upstream = self._upstream
        self._over()
        if upstream is not None:
            upstream.exchange = None
            upstream.transport.abort()

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _over(self) -> None:
        self._phase = _Phase.OVER
        self._disarm()
        self._edge.ended()
        self._upstream = self._merchant = None

    def _fired(self, fault: str, **detail: object) -> None:
        self._edge.recorder.fired(fault, self.request.who.op, self._edge.now_ns(), detail)

    def _record(self, end: str, complete_ns: int | None = None) -> None:
        upstream, plan = self._upstream, self.request.plan
        head, content, truncated = None, b"", False
        if upstream is not None:
            reader = upstream.reader
            head, content, truncated = reader.head, reader.content, reader.truncated
        faults = plan.faults if plan is not None else []
        self._edge.recorder.add(
            ExchangeRecord(
                self.request, self.copy, self._begin_ns, complete_ns, head, content, truncated, faults, self._hold, end
            )
        )
