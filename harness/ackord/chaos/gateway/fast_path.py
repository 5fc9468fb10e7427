"""Forwards a request without a ``ProxiedExchange`` for as long as nothing unusual happens to it.

For most requests everything is known on arrival: the request is whole, no rule hits it, it waits for nobody, and an
idle connection is available. A ``ProxiedExchange`` would only send it and pass the answer on, so none is created. Its
state (request, connection, instant) is kept here, in an object that each merchant connection reuses.

Any outcome other than an answer that arrives whole in one piece and leaves both connections open ends the fast path:
``fall_back`` creates the exchange in the equivalent state, and the exchange decides. So the fast path makes no decision
of its own. Both paths give the same bytes and the same records, which a test holds for any split of
either stream.
"""

from __future__ import annotations

from typing import Protocol

from .forwarded_request import ForwardedRequest
from .http1.head import ResponseHead
from .ports import MerchantPort
from .proxied_exchange import ProxiedExchange
from .proxy_state import ProxyState
from .request_path import RequestStage
from .upstream import UpstreamConnection

__all__ = ["FastPath"]


class ClientConnection(MerchantPort, Protocol):
    """What the fast path needs of the merchant's connection."""

    exchange: ProxiedExchange | FastPath | None


class FastPath:
    """The fast path of one merchant connection, in the exchange's place while its request is under way."""

    __slots__ = ("_begin_ns", "_edge", "_merchant", "_upstream", "request")

    whole = True
    """Always true: a request that is not buffered whole never takes the fast path."""

    def __init__(self, edge: ProxyState, merchant: ClientConnection) -> None:
        self._edge = edge
        self._merchant = merchant
        self._begin_ns = 0
        self.request: ForwardedRequest
        self._upstream: UpstreamConnection

    def send(self, request: ForwardedRequest) -> bool:
        """Send ``request`` if no fault or wait can apply to it; otherwise change nothing and return False."""
        who, node, plan, head, raw, _ = request
        if plan is not None or who.hold is not None or not head.plain:
            return False
        edge = self._edge
        begin_ns = edge.now_ns()
        upstream = edge.pools[node].take(begin_ns)
        if upstream is None:
            return False
        edge.in_flight += 1
        self.request = request
        self._upstream = upstream
        upstream.exchange = self._merchant.exchange = self
        self._begin_ns = begin_ns
        upstream.transport.write(raw)
        return True

    def complete(self, head: ResponseHead, wire: bytes, content: bytes, truncated: bool) -> None:
        """Take the end of the provider's answer: usually the whole answer."""
        edge, merchant, upstream = self._edge, self._merchant, self._upstream
        reader = upstream.reader
        alone = wire is content and not reader.waiting_bytes
        if edge.remembers or not alone or not head.plain or upstream.transport.is_closing():
            self.fall_back().complete(head, wire, content, truncated)
            return
        complete_ns = edge.now_ns()
        request = self.request
        if request.who.token:
            edge.holds.complete(request.who.token)
        merchant.write(head.forward + content)
        edge.recorder.add((request, 0, self._begin_ns, complete_ns, head, content, False, None, "complete", ""))
        reader.next_message()
        upstream.pool.give_back(upstream, complete_ns)
        edge.ended()
        merchant.answered(close=False)

    def fall_back(self) -> ProxiedExchange:
        """Leave the fast path: create the exchange, which handles the request from here on."""
        exchange = ProxiedExchange(self._edge, self._merchant, self.request, whole=True)
        exchange.upstream = self._upstream
        exchange.begin_ns = self._begin_ns
        exchange.phase = RequestStage.SENT
        self._upstream.exchange = self._merchant.exchange = exchange
        return exchange

    # Everything else that can happen to an exchange.

    def request_data(self, piece: bytes, content: bytes, *, whole: bool) -> None:
        self.fall_back().request_data(piece, content, whole=whole)

    def give_up(self, end: str) -> None:
        self.fall_back().give_up(end)

    def interim(self, head: ResponseHead) -> None:
        self.fall_back().interim(head)

    def part(self, head: ResponseHead, wire: bytes) -> None:
        self.fall_back().part(head, wire)

    def garbled(self) -> None:
        self.fall_back().garbled()

    def upstream_lost(self) -> None:
        self.fall_back().upstream_lost()

    def request_flow(self, *, stop: bool) -> None:
        self.fall_back().request_flow(stop=stop)

    def answer_flow(self, *, stop: bool) -> None:
        self.fall_back().answer_flow(stop=stop)

    def merchant_lost(self, end: str) -> None:
        self.fall_back().merchant_lost(end)
