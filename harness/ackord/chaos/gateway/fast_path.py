"""Forwards requests with one exchange object for as long as nothing unusual happens to them.

For most requests everything is known on arrival: the request is whole, no rule hits it, it waits for nobody, and an
idle connection is available. A ``ProxiedExchange`` of its own would only send it and pass the answer on, so each
merchant connection keeps one object for them. It is an exchange that has been sent: whatever is not an answer that
arrives whole in one piece and leaves both connections open is handled by what it inherits, so the fast path makes no
decision of its own. Both paths give the same bytes and the same records, which a test holds for any split of either
stream.
"""

from __future__ import annotations

from .http1.head import ResponseHead
from .ports import ForwardedRequest, MerchantPort
from .proxied_exchange import ProxiedExchange
from .proxy_state import ProxyState
from .request_path import RequestStage
from .upstream import UpstreamConnection

__all__ = ["FastPath"]


class FastPath(ProxiedExchange):
    """The exchange of one merchant connection's plain requests, one after the other."""

    edge: ProxyState
    upstream: UpstreamConnection | None = None

    def __init__(self, edge: ProxyState, merchant: MerchantPort) -> None:
        self.edge = edge
        self.merchant = None
        self.whole = self.express = True
        self.copy = 0
        self._client = merchant

    def send(self, request: ForwardedRequest) -> bool:
        """Send ``request`` if no fault or wait can apply to it; otherwise change nothing and return False."""
        who, node, plan, head, raw, _ = request
        if plan is not None or who.hold is not None or not head.plain:
            return False
        edge = self.edge
        begin_ns = edge.now_ns()
        upstream = edge.pools[node].take(begin_ns)
        if upstream is None:
            return False
        if self.merchant is None:  # the last exchange was none of the usual ones
            self.merchant = self._client
            self.phase = RequestStage.SENT
            self._passed = self._paused = False
        edge.in_flight += 1
        self.request = request
        self.upstream = upstream
        self.begin_ns = begin_ns
        upstream.exchange = self
        upstream.transport.write(raw)
        return True

    def complete_at_once(self, head: ResponseHead, content: bytes) -> None:
        edge, merchant, upstream = self.edge, self._client, self.upstream
        if upstream is None or edge.remembers or self._paused or upstream.transport.is_closing():
            self.complete(head, content, content, False)
            return
        complete_ns = edge.now_ns()
        request = self.request
        if request.who.token:
            edge.holds.complete(request.who.token)
        merchant.write(head.forward + content)
        edge.recorder.add((request, 0, self.begin_ns, complete_ns, head, content, False, None, "complete", ""))
        upstream.reader.next_message()
        upstream.pool.give_back(upstream, complete_ns)
        edge.ended()
        merchant.answered(close=False)
