"""The way of a request to the provider: latency, loss, a connection, a hold, and the instant in which it is sent.

    start -> (latency) -> depart -> (lost-request | substitution) -> connect -> (hold) -> send

Callbacks, not coroutines: at tens of thousands of exchanges a second a task for each would cost more than the rest.
"""

from __future__ import annotations

import asyncio
from enum import IntEnum

from ...core.clock import MS
from .identity import Hold
from .request import Request, Requester
from .rules import LATENCY, LOST_REQUEST, SUBSTITUTION, Plan
from .state import EdgeState
from .upstream import Upstream, set_reading

__all__ = ["Delivery", "Phase"]


class Phase(IntEnum):
    """How far an exchange is."""

    WAITING = 0
    """Nothing was sent that the provider could act on."""
    SENT = 1
    OVER = 2


class Delivery:
    """The first half of an ``Exchange``."""

    sent_bytes = 0
    """How much of the request is sent while it is held."""
    upstream: Upstream | None = None
    begin_ns = 0
    hold: str | None = None
    """How a hold ended: ``released`` or ``timed-out``."""
    alarm: asyncio.TimerHandle | None = None
    phase = Phase.WAITING

    def __init__(
        self, edge: EdgeState, merchant: Requester | None, request: Request, *, whole: bool, copy: int = 0
    ) -> None:
        self.edge = edge
        self.merchant = merchant
        """``None``: nobody waits for the answer."""
        self.request = request
        self.whole = whole
        """Whether the request is complete here; if not, the rest is passed on as it comes."""
        self.copy = copy
        """0 for the request itself, 1, 2, ... for its copies."""
        self.raw = request.raw

    def start(self, delay_ns: int = 0) -> None:
        edge, plan = self.edge, self.request.plan
        edge.in_flight += 1
        if plan is not None and plan.delay_ns and not self.copy:
            delay_ns = plan.delay_ns
            self.fired(LATENCY, ms=delay_ns / MS)
        if not self.whole and self.merchant is not None:
            set_reading(self.merchant.transport, False)
        if delay_ns:
            edge.timer.call_at(edge.now_ns() + delay_ns, self._depart)
        elif plan is None:
            self._connect()
        else:
            self._depart()

    def _depart(self) -> None:
        if self.phase is Phase.OVER:
            return
        plan, merchant = self.request.plan, self.merchant
        if plan is not None and merchant is not None:
            if plan.fate == LOST_REQUEST:
                self.fired(LOST_REQUEST)
                self.over()
                merchant.reset()
                return
            if plan.fate == SUBSTITUTION and plan.substitution is not None and not plan.substitution.forward:
                self.over()
                self.substitute(merchant, plan)
                return
        self._connect()

    def _connect(self) -> None:
        upstream = self.edge.pools[self.request.node].take()
        if upstream is not None:
            self._connected(upstream)
        else:
            self.edge.spawn(self._connect_anew())

    async def _connect_anew(self) -> None:
        pool = self.edge.pools[self.request.node]
        try:
            upstream = await pool.connect()
        except OSError as error:
            if self.phase is not Phase.OVER:
                self._unreachable(error)
            return
        except asyncio.CancelledError:  # the edge closes
            if self.phase is not Phase.OVER:
                self.over()
            raise
        if self.phase is Phase.OVER:
            pool.give_back(upstream)
        else:
            self._connected(upstream)

    def _unreachable(self, error: OSError) -> None:
        self.begin_ns = self.edge.now_ns()
        merchant, node = self.merchant, self.request.node
        self.record("refused")
        self.over()
        if merchant is not None:
            host, port = self.edge.pools[node].address
            message = f"node {node} at {host}:{port} cannot be reached: {error or type(error).__name__}"
            merchant.answer(502, {"code": "ACKORD_UPSTREAM_UNREACHABLE", "message": message})

    def _connected(self, upstream: Upstream) -> None:
        self.upstream = upstream
        upstream.exchange = self
        hold = self.request.who.hold
        if hold is None or self.copy or self.hold is not None:
            self._send(upstream)
        else:
            self._wait(upstream, hold)

    def _wait(self, upstream: Upstream, hold: Hold) -> None:
        self.alarm = self.edge.loop.call_later(self.edge.settings.hold_timeout_ms / 1000, self._hold_timed_out)
        if not hold.members:
            self.edge.holds.wait(hold.name, self._released)
        elif self.whole:
            self.sent_bytes = len(self.raw) - 1
            upstream.write(self.raw[:-1])
            self.edge.holds.join(hold.name, hold.members, self._released)
        else:  # larger than what may be held: it cannot take part
            self._hold_timed_out()

    def _released(self) -> None:
        self._go("released")

    def _hold_timed_out(self) -> None:
        self.leave_hold()
        self._go("timed-out")

    def leave_hold(self) -> None:
        hold = self.request.who.hold
        if hold is not None and not self.copy:
            self.edge.holds.leave(hold.name, self._released)

    def _go(self, hold: str) -> None:
        self.hold = hold
        self.disarm()
        if self.upstream is None:  # lost while held; the provider had nothing that it could act on
            self.sent_bytes = 0
            self._connect()
        else:
            self._send(self.upstream)

    def _send(self, upstream: Upstream) -> None:
        raw = self.raw[self.sent_bytes :] if self.sent_bytes else self.raw
        self.phase = Phase.SENT
        self.begin_ns = self.edge.now_ns()
        upstream.write(raw)
        if self.copy or self.request.plan is not None:
            self.sent()
        if not self.whole:
            self.raw = b""
            if self.merchant is not None:
                set_reading(self.merchant.transport, True)

    def request_data(self, piece: bytes, content: bytes, *, whole: bool) -> None:
        """More of a request that is too large to be held."""
        self.request = self.request._replace(content=content)
        self.whole = whole
        if self.phase is Phase.WAITING:
            self.raw += piece
        elif self.upstream is not None:
            self.begin_ns = self.edge.now_ns()
            self.upstream.write(piece)

    def request_flow(self, *, stop: bool) -> None:
        """The provider does not keep up with the request, or does again."""
        if not self.whole and self.merchant is not None:
            set_reading(self.merchant.transport, not stop)

    def disarm(self) -> None:
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None

    def over(self) -> None:
        """Nothing more happens at the provider's side."""
        self.phase = Phase.OVER
        self.disarm()
        self.upstream = self.merchant = None
        self.edge.ended()

    def fired(self, fault: str, **detail: object) -> None:
        self.edge.recorder.fired(fault, self.request.who.op, self.edge.now_ns(), detail)

    # What only the whole exchange can do.

    def sent(self) -> None:
        """The request was sent; faults that follow from that happen now."""
        raise NotImplementedError

    def substitute(self, merchant: Requester, plan: Plan) -> None:
        """Give the merchant another answer than the provider's."""
        raise NotImplementedError

    def record(self, end: str, complete_ns: int | None = None) -> None:
        raise NotImplementedError

    def answer_data(self, data: bytes) -> None:
        raise NotImplementedError

    def upstream_lost(self, error: Exception | None) -> None:
        raise NotImplementedError
