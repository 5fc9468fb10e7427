"""Forwards requests with one exchange object for as long as nothing unusual happens to them.

For most requests everything is known on arrival: the request is whole, no rule hits it, it waits for nobody, and an
idle connection is available. A ``ProxiedExchange`` of its own would only send it and pass the answer on, so each
merchant connection keeps one object for them. It is an exchange that has been sent: whatever is not an answer that
arrives whole in one piece and leaves both connections open is handled by what it inherits, so the fast path makes no
decision of its own. Both paths give the same bytes and the same records, which a test holds for any split of either
stream.
"""

from __future__ import annotations

from .http1.head import RequestHead, ResponseHead
from .identity import read_identity
from .ports import ForwardedRequest, MerchantPort
from .proxied_exchange import ProxiedExchange
from .proxy_state import ProxyState
from .request_path import RequestStage
from .upstream import UpstreamConnection

__all__ = ["FastPath"]


_NONE = ForwardedRequest(read_identity(None, 0), "", None, RequestHead("GET", "/", b"", 0), b"", b"")
"""What is there before the first request."""


class FastPath(ProxiedExchange):
    """The exchange of one merchant connection's plain requests, one after the other."""

    def __init__(self, edge: ProxyState, merchant: MerchantPort) -> None:
        super().__init__(edge, None, _NONE, whole=True)
        self._proxy = edge
        self._client = merchant
        self._connection: UpstreamConnection | None = None
        """The provider's side of the present exchange."""

    def send(self, request: ForwardedRequest) -> bool:
        """Send ``request`` if no fault or wait can apply to it; otherwise change nothing and return False."""
        who, node, plan, head, raw, _ = request
        if plan is not None or who.hold is not None or not head.plain:
            return False
        edge = self._proxy
        begin_ns = edge.now_ns()
        upstream = edge.nodes[node].take(begin_ns)
        if upstream is None:
            return False
        if self.merchant is None:  # the last exchange was none of the usual ones
            self.merchant = self._client
            self.phase = RequestStage.SENT
            self._passed = self._paused = False
        edge.in_flight += 1
        self.request = request
        self.upstream = self._connection = upstream
        self.begin_ns = begin_ns
        upstream.exchange = upstream.express = self
        upstream.transport.write(raw)
        return True

    def complete_at_once(self, head: ResponseHead, content: bytes) -> None:
        edge, merchant, upstream = self._proxy, self._client, self._connection
        if (
            self.upstream is None
            or upstream is None
            or edge.remembers
            or self._paused
            or upstream.transport.is_closing()
        ):
            self.complete(head, content, content, False)
            return
        complete_ns = edge.now_ns()
        request = self.request
        if request.who.token:
            edge.holds.complete(request.who.token)
        merchant.write(head.forward + content)
        edge.records.add((request, 0, self.begin_ns, complete_ns, head, content, False, None, "complete", ""))
        upstream.reader.next_message()
        upstream.pool.give_back(upstream, complete_ns)
        edge.ended()
        merchant.answered(close=False)
