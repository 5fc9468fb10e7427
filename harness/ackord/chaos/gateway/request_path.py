"""Sends a request to the provider: latency, loss, connection, hold, reorder window, and the instant of sending.

    start -> (DelayRequest) -> depart -> (DropRequest | RefuseConnection | AnswerInstead) -> connect
          -> (hold) -> (ReorderQuery) -> send

Callbacks, not coroutines: at tens of thousands of exchanges a second a task for each would cost more than the rest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum

from ...core.clock import MS
from ..faults.edge_actions import (
    AnswerInstead,
    DelayRequest,
    DropRequest,
    EdgeAction,
    RefuseConnection,
    ReorderQuery,
    SendCopies,
    response_of,
)
from .edge_state import EdgeState
from .http1.head import ResponseHead
from .identity import HoldUntil
from .ports import AlarmPort, ForwardedRequest, MerchantPort, UpstreamPort
from .rules import FaultRule
from .synthetic_responses import wire_bytes

__all__ = ["RequestPath", "RequestStage"]


class RequestStage(IntEnum):
    """Stage of an exchange."""

    WAITING = 0
    """Nothing that the provider could act on was sent."""
    SENT = 1
    OVER = 2


class RequestPath(ABC):
    """The first half of a ``ProxiedExchange``."""

    def __init__(
        self, edge: EdgeState, merchant: MerchantPort | None, request: ForwardedRequest, *, whole: bool, copy: int = 0
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
        self.sent_bytes = 0
        """Number of bytes of the request that are sent while it is held."""
        self.upstream: UpstreamPort | None = None
        self.begin_ns = 0
        self.hold: str | None = None
        """How a hold ended: ``released`` or ``timed-out``."""
        self.detail = ""
        """Why the provider could not be reached."""
        self.alarm: AlarmPort | None = None
        self.phase = RequestStage.WAITING
        self.window = ""
        """The window in which it waits or waited to be reordered."""

    def start(self, delay_ns: int = 0) -> None:
        edge, plan = self.edge, self.request.plan
        edge.in_flight += 1
        if not self.whole and self.merchant is not None:
            self.merchant.set_reading(False)
        if plan is None:
            self._connect()
            return
        wait = plan.find(SendCopies) if self.copy else plan.find(DelayRequest)
        if wait is None:
            self._depart()
            return
        rule, action = wait
        if isinstance(action, DelayRequest):
            self.fired(rule, action)
            delay_ns = action.delay_ns
        if delay_ns:
            edge.pauses.wait(rule, delay_ns, self._depart)
        else:
            self._depart()

    def _depart(self) -> None:
        if self.phase is RequestStage.OVER:
            return
        merchant, plan = self.merchant, self.request.plan
        if merchant is None or plan is None:
            self._connect()
        elif (instead := plan.find(AnswerInstead)) is not None and not instead[1].forward:
            self.over()
            self.answer_instead(merchant)
        elif (refused := plan.find(RefuseConnection)) is not None:
            self.fired(*refused)
            self.unreachable("Connection refused")
        elif (dropped := plan.find(DropRequest)) is not None:
            self.fired(*dropped)
            why = f"{dropped[0].name} kept the request from the provider"
            self.edge.recorder.delivered(self.request, self.edge.now_ns(), None, b"", why, "")
            self.over()
            (merchant.reset if dropped[1].mode == "reset" else merchant.hang)()
        else:
            self._connect()

    def _connect(self) -> None:
        pool = self.edge.pools[self.request.node]
        upstream = pool.take(self.edge.now_ns())
        if upstream is not None:
            self.connected(upstream)
        else:
            pool.connect_for(self)

    def unreachable(self, detail: str, code: str = "ACKORD_UPSTREAM_UNREACHABLE") -> None:
        """The provider's node cannot be reached, or a fault says so."""
        if self.phase is RequestStage.OVER:
            return
        self.begin_ns = self.edge.now_ns()
        self.detail = detail
        merchant, node, head = self.merchant, self.request.node, self.request.head
        self.record("refused")
        self.over()
        if merchant is not None:
            host, port = self.edge.settings.upstreams[node]
            told = {"code": code, "message": f"node {node} at {host}:{port} cannot be reached: {detail}"}
            close = not head.keep_alive or not self.whole
            merchant.write(wire_bytes(response_of(502, told), head_only=head.method == "HEAD", close=close))
            merchant.answered(close=close)

    def connected(self, upstream: UpstreamPort) -> None:
        """There is a connection to the provider."""
        if self.phase is RequestStage.OVER:
            upstream.release(reuse=True)
            return
        self.upstream = upstream
        upstream.exchange = self
        hold = self.request.who.hold
        if hold is not None and not self.copy and self.hold is None:
            self._wait(upstream, hold)
        elif self.request.plan is None:
            self._send(upstream)
        else:
            self._gather(upstream)

    def _wait(self, upstream: UpstreamPort, hold: HoldUntil) -> None:
        self.alarm = self.edge.alarm(round(self.edge.settings.hold_timeout_ms * MS), self._hold_timed_out)
        if not hold.members:
            self.edge.holds.wait(hold.name, self._released)
        elif self.whole:
            self.sent_bytes = len(self.raw) - 1
            upstream.write(self.raw[:-1])
            self.edge.holds.join(hold.name, hold.members, self._released)
        else:  # larger than what may be held: it cannot take part
            self._hold_timed_out()

    def _released(self) -> None:
        if self.phase is RequestStage.WAITING and self.hold is None:
            self._go("released")

    def _hold_timed_out(self) -> None:
        self.leave_hold()
        self._go("timed-out")

    def leave_hold(self) -> None:
        hold = self.request.who.hold
        if hold is not None and not self.copy:
            self.edge.holds.leave(hold.name, self._released)
        if self.window:
            self.edge.windows.leave(self.window, self._leave_window)

    def _go(self, hold: str) -> None:
        self.hold = hold
        self.disarm()
        if self.upstream is None:  # lost while held; the provider had nothing that it could act on
            self.sent_bytes = 0
            self._connect()
        else:
            self._gather(self.upstream)

    def _gather(self, upstream: UpstreamPort) -> None:
        """Send, or wait in a window of queries first."""
        plan = self.request.plan
        found = plan.find(ReorderQuery) if plan is not None else None
        if found is None or self.copy or self.window or not self.whole:
            self._send(upstream)
            return
        rule, action = found
        windows, name = self.edge.windows, rule.source or rule.name
        self.window = name
        number = windows.join(name, action.size, action.rank, self._leave_window)
        if number:
            self.edge.pauses.wait(rule, action.window_ns, lambda: windows.open(name, number))

    def _leave_window(self, came: int, left: int) -> None:
        if self.phase is not RequestStage.WAITING:
            return
        plan = self.request.plan
        found = plan.find(ReorderQuery) if plan is not None else None
        if came != left and found is not None:
            self.fired(*found, came=came, left=left)
        if self.upstream is None:
            self._connect()
        else:
            self._send(self.upstream)

    def _send(self, upstream: UpstreamPort) -> None:
        raw = self.raw[self.sent_bytes :] if self.sent_bytes else self.raw
        self.phase = RequestStage.SENT
        self.begin_ns = self.edge.now_ns()
        upstream.write(raw)
        if self.copy or self.request.plan is not None:
            self.sent()
        if not self.whole:
            self.raw = b""
            if self.merchant is not None:
                self.merchant.set_reading(True)

    def request_data(self, piece: bytes, content: bytes, *, whole: bool) -> None:
        """Take more of a request that is too large to be buffered."""
        self.request = self.request._replace(content=content)
        self.whole = whole
        if self.phase is RequestStage.WAITING:
            self.raw += piece
        elif self.upstream is not None:
            self.begin_ns = self.edge.now_ns()
            self.upstream.write(piece)

    def request_flow(self, *, stop: bool) -> None:
        """The provider reads the request too slowly, or keeps up again."""
        if not self.whole and self.merchant is not None:
            self.merchant.set_reading(not stop)

    def disarm(self) -> None:
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None

    def over(self) -> None:
        """End the provider's side of the exchange."""
        self.phase = RequestStage.OVER
        if self.alarm is not None:
            self.disarm()
        self.upstream = self.merchant = None
        self.edge.ended()

    def fired(self, rule: FaultRule, action: EdgeAction, **more: object) -> None:
        """Record that an action of the rule's fault took effect."""
        who = self.request.who
        self.edge.recorder.fired(rule.name, who.op, self.edge.now_ns(), {**action.detail, **more, **who.said()})

    # What only the whole exchange can do.

    @abstractmethod
    def sent(self) -> None:
        """The request was sent; faults that follow from that happen now."""

    @abstractmethod
    def answer_instead(self, merchant: MerchantPort) -> None:
        """Give the merchant another answer than the provider's, who was not asked."""

    @abstractmethod
    def record(self, end: str) -> None:
        """Record how the exchange ended without an answer."""

    # What else it is told of the provider's side, see ``UpstreamClient``.

    @abstractmethod
    def give_up(self, end: str) -> None: ...
    @abstractmethod
    def interim(self, head: ResponseHead) -> None: ...
    @abstractmethod
    def part(self, head: ResponseHead, wire: bytes) -> None: ...
    @abstractmethod
    def complete(self, head: ResponseHead, wire: bytes, content: bytes, truncated: bool) -> None: ...
    @abstractmethod
    def garbled(self) -> None: ...
    @abstractmethod
    def upstream_lost(self) -> None: ...
