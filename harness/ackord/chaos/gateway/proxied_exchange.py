"""Runs one exchange: the request path, the response path back to the merchant, and every way in which it can end."""

from __future__ import annotations

from ...contract.base.http_messages import HttpResponse
from ..faults.edge_actions import LoseAnswer, ResetAfterSend, SendCopies
from .forwarded_request import ResponseSink
from .http1.framing import ProtocolError, ResponseHead
from .identity import READS
from .proxy_state import header_pairs
from .request_path import RequestPath, RequestStage
from .response_path import ResponsePath, UpstreamResponse, query_name
from .upstream import UpstreamConnection, set_reading

__all__ = ["ProxiedExchange"]


class ProxiedExchange(RequestPath):
    """One request, or one copy of it, and its answer, at the provider's side."""

    _passed = False
    """Whether a part of the answer was sent to the merchant."""
    _paused = False
    """Whether the provider has to wait for a slow merchant."""

    _held: list[bytes] | None = None
    """The part received of an answer that must be whole before the merchant gets any of it."""
    _held_bytes = 0

    @property
    def _withheld(self) -> bool:
        """Whether the provider's answer is kept from the merchant."""
        plan = self.request.plan
        return plan is not None and plan.withholds_answer

    def sent(self) -> None:
        plan, merchant = self.request.plan, self.merchant
        if plan is None:
            return
        if self.copy:
            copies = plan.find(SendCopies)
            assert copies is not None
            self.fired(*copies, copy=self.copy)
            self._finish_alone()
            return
        self._copy("after-request")
        if plan.holds_answer:
            self._held = []
        if (reset := plan.find(ResetAfterSend)) is not None and merchant is not None:
            self.fired(*reset)
            self._finish_alone()
            merchant.reset()

    def _copy(self, when: str) -> None:
        """Send the copies that are due ``when``."""
        plan = self.request.plan
        found = plan.find(SendCopies) if plan is not None else None
        if found is None or found[1].when != when or self.copy or not self.whole:
            return
        for number in range(1, found[1].copies + 1):
            copy = ProxiedExchange(self.edge, None, self.request, whole=True, copy=number)
            copy.start(number * found[1].delay_ns)

    # -- the answer -------------------------------------------------------------------------------------------------

    def answer_data(self, data: bytes) -> None:
        """Bytes of the provider's answer arrived."""
        upstream = self.upstream
        assert upstream is not None
        reader = upstream.reader
        try:
            piece = reader.feed(data)
            while (head := reader.head) is not None and head.status < 200:
                self._pass_interim(head)
                reader.next_message()
                piece = reader.feed(b"")
        except ProtocolError:
            self._broken("garbled")
            return
        if head is None:
            return
        if self.phase is not RequestStage.SENT:  # answered before it was asked
            self._broken("garbled")
        elif reader.complete:
            self._complete(upstream, head, piece)
        else:
            self._pass_on(head, piece)

    def _pass_interim(self, head: ResponseHead) -> None:
        """Forward an interim answer such as 103.

        A 100 is dropped, because Expect is not forwarded. HTTP/1.0 has no interim answers.
        """
        merchant = self.merchant
        if merchant is not None and head.status != 100 and self.request.head.modern and not self._withheld:
            merchant.write(head.forward)

    def _pass_on(self, head: ResponseHead, piece: bytes) -> None:
        if self.merchant is None or self._withheld:
            return
        if self._held is not None:
            self._held.append(piece)
            self._held_bytes += len(piece)
            if self._held_bytes <= self.edge.settings.max_held_bytes:
                return
            piece, self._held = b"".join(self._held), None  # too large: it passes as if no fault had hit it
        if not self._passed:
            self._passed = True
            piece = (head.forward_closing if self._closes(head) else head.forward) + piece
        self.merchant.write(piece)

    def _closes(self, head: ResponseHead) -> bool:
        """Whether the merchant's connection ends with this answer."""
        return head.until_close or not self.whole or not self.request.head.keep_alive

    def _complete(self, upstream: UpstreamConnection, head: ResponseHead, piece: bytes) -> None:
        """Called when the last byte of the answer has arrived."""
        edge, merchant, request = self.edge, self.merchant, self.request
        complete_ns = edge.now_ns()
        plan, reader = request.plan, upstream.reader
        if request.who.token and not self.copy:
            edge.holds.complete(request.who.token)
        close = head.until_close or not self.whole or not request.head.keep_alive
        if plan is None and not self._passed and merchant is not None:
            merchant.write((head.forward_closing if close else head.forward) + piece)
        else:
            self._pass_on(head, piece)
        self.record("complete", complete_ns)
        content = reader.content
        if edge.remembers:
            self._remember(head, content, complete_ns, truncated=reader.truncated)
        if plan is not None:
            self._copy("after-answer")
        self.over()
        # After a request in HTTP/1.0 the provider closes, whether its answer says so or not.
        reusable = head.keep_alive and request.head.modern and self.whole
        if reusable and not reader.waiting_bytes and not upstream.transport.is_closing():
            reader.next_message()
            if self._paused:
                set_reading(upstream.transport, True)
            edge.pools[request.node].give_back(upstream, edge.now_ns())
        else:
            upstream.exchange = None
            upstream.transport.close()
        if merchant is None:
            return
        if plan is None:
            merchant.answered(close=close)
            return
        wire = None if self._held is None else b"".join(self._held)
        answer = UpstreamResponse(head, wire, content)
        close = not request.head.keep_alive or not self.whole or (head.until_close and not self._withheld)
        ResponsePath(edge, merchant, request, answer, close=close).go()

    def _remember(self, head: ResponseHead, content: bytes, complete_ns: int, *, truncated: bool) -> None:
        """Remember what a stale answer will need: an acknowledgement, or the answer to a query."""
        edge, who = self.edge, self.request.who
        if edge.rules.remembers and (
            who.operation in READS or (not who.operation and self.request.head.method == "GET")
        ):
            if not truncated:
                edge.memory.remember(query_name(self.request), complete_ns, head.status, content, head)
        elif who.operation and who.order_key is not None:
            answer = HttpResponse(head.status, dict(header_pairs(head)), content, truncated)
            if edge.recognition is not None:
                edge.recognition.learn(who, answer)
            if edge.acknowledgement.hold(who.operation, answer):
                edge.memory.acknowledge(who.order_key, complete_ns)

    def answer_instead(self, merchant: ResponseSink) -> None:
        close = not self.request.head.keep_alive or not self.whole
        ResponsePath(self.edge, merchant, self.request, None, close=close).go()

    def answer_flow(self, *, stop: bool) -> None:
        """The merchant reads the answer too slowly, or keeps up again."""
        self._paused = stop
        if self.upstream is not None:
            set_reading(self.upstream.transport, not stop)

    # -- ends -------------------------------------------------------------------------------------------------------

    def merchant_lost(self, end: str) -> None:
        """The merchant gave up (``end`` is ``timeout``) or reset the connection."""
        if self.phase is RequestStage.OVER:
            return
        plan = self.request.plan
        lost = plan.find(LoseAnswer) if plan is not None and not self.copy else None
        if self.phase is RequestStage.SENT and self.whole and lost is not None:
            self.fired(*lost)
            self._finish_alone()
        else:
            self._give_up(end)

    def request_garbled(self) -> None:
        """The rest of a large request cannot be read."""
        self._give_up("reset")

    def upstream_lost(self, error: Exception | None) -> None:
        """The provider closed the connection (``error`` is ``None``) or it broke."""
        upstream = self.upstream
        if upstream is None or self.phase is RequestStage.OVER:
            return
        if self.phase is RequestStage.WAITING:
            self.upstream = None  # held: it gets another connection when it is let go
            return
        reader = upstream.reader
        if error is None and reader.head is not None and reader.end():
            self._complete(upstream, reader.head, b"")
        else:
            self._broken("reset")

    def _broken(self, end: str) -> None:
        """The provider's answer will not come, or cannot be read: the merchant gets a reset."""
        merchant = self.merchant
        self._give_up(end)
        if merchant is not None:
            merchant.reset()

    def _finish_alone(self) -> None:
        """Called when nobody waits for the answer any more: the provider has a bounded time to finish."""
        self.merchant = None
        if self.upstream is not None:
            set_reading(self.upstream.transport, True)
        self.alarm = self.edge.loop.call_later(self.edge.settings.finish_timeout_ms / 1000, self._give_up, "timeout")

    def _give_up(self, end: str) -> None:
        if self.phase is RequestStage.OVER:
            return
        self.leave_hold()
        if self.phase is RequestStage.SENT:
            self.record(end)
        upstream = self.upstream
        self.over()
        if upstream is not None:
            upstream.exchange = None
            upstream.transport.abort()

    def record(self, end: str, complete_ns: int | None = None) -> None:
        head, content, truncated = None, b"", False
        if self.upstream is not None:
            reader = self.upstream.reader
            head, content, truncated = reader.head, reader.content, reader.truncated
        # A plain tuple: to make a named one costs more than the rest of this method.
        self.edge.recorder.add(
            (self.request, self.copy, self.begin_ns, complete_ns, head, content, truncated, self.hold, end, self.detail)
        )
