"""Runs one exchange: the request path, the response path back to the merchant, and every way in which it can end."""

from __future__ import annotations

from ...contract.base.http_messages import HttpResponse
from ...core.clock import MS
from ..faults.edge_actions import LoseAnswer, ResetAfterSend, SendCopies
from .edge_state import header_pairs
from .http1.head import ResponseHead
from .identity import READS
from .ports import MerchantPort
from .request_path import RequestPath, RequestStage
from .response_path import ResponsePath, UpstreamResponse, query_name

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

    def interim(self, head: ResponseHead) -> None:
        """Forward an interim answer such as 103.

        A 100 is dropped, because Expect is not forwarded. HTTP/1.0 has no interim answers.
        """
        merchant = self.merchant
        if merchant is not None and head.status != 100 and self.request.head.modern and not self._withheld:
            merchant.write(head.forward)

    def part(self, head: ResponseHead, wire: bytes) -> None:
        """Pass a part of the answer on, or keep it."""
        if self.phase is RequestStage.SENT:
            self._pass_on(head, wire)
        else:
            self.garbled()

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

    def complete(self, head: ResponseHead, wire: bytes, content: bytes, truncated: bool) -> None:
        """The last byte of the answer has arrived: record it, and give it to the merchant."""
        upstream, phase = self.upstream, self.phase
        if phase is not RequestStage.SENT or upstream is None:
            self.garbled()
            return
        edge, merchant, request = self.edge, self.merchant, self.request
        complete_ns = edge.now_ns()
        plan, closes = request.plan, self._closes(head)
        if request.who.token and not self.copy:
            edge.holds.complete(request.who.token)
        if plan is None and not self._passed and merchant is not None:
            merchant.write((head.forward_closing if closes else head.forward) + wire)
        else:
            self._pass_on(head, wire)
        edge.recorder.add(
            (request, self.copy, self.begin_ns, complete_ns, head, content, truncated, self.hold, "complete", "")
        )
        if edge.remembers:
            self._remember(head, content, complete_ns, truncated=truncated)
        if plan is not None:
            self._copy("after-answer")
        self.over()
        if self._paused:
            upstream.set_reading(True)
        # After a request in HTTP/1.0 the provider closes, whether its answer says so or not.
        upstream.release(reuse=head.keep_alive and request.head.modern and self.whole)
        if merchant is None:
            return
        if plan is None:
            merchant.answered(close=closes)
            return
        held = None if self._held is None else b"".join(self._held)
        close = not request.head.keep_alive or not self.whole or (head.until_close and not plan.withholds_answer)
        ResponsePath(edge, merchant, request, UpstreamResponse(head, held, content), close=close).go()

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

    def answer_instead(self, merchant: MerchantPort) -> None:
        close = not self.request.head.keep_alive or not self.whole
        ResponsePath(self.edge, merchant, self.request, None, close=close).go()

    def answer_flow(self, *, stop: bool) -> None:
        """The merchant reads the answer too slowly, or keeps up again."""
        self._paused = stop
        if self.upstream is not None:
            self.upstream.set_reading(not stop)

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
            self.give_up(end)

    def upstream_lost(self) -> None:
        """The connection to the provider ended before the answer did."""
        if self.phase is RequestStage.WAITING:
            self.upstream = None  # held: it gets another connection when it is let go
        elif self.upstream is not None:
            self._broken("reset")

    def garbled(self) -> None:
        """The answer cannot be read, or came before the request was sent."""
        self._broken("garbled")

    def _broken(self, end: str) -> None:
        """The provider's answer will not come, or cannot be read: the merchant gets a reset."""
        merchant = self.merchant
        self.give_up(end)
        if merchant is not None:
            merchant.reset()

    def _finish_alone(self) -> None:
        """Called when nobody waits for the answer any more: the provider has a bounded time to finish."""
        self.merchant = None
        if self.upstream is not None:
            self.upstream.set_reading(True)
        bound_ns = round(self.edge.settings.finish_timeout_ms * MS)
        self.alarm = self.edge.alarm(bound_ns, lambda: self.give_up("timeout"))

    def give_up(self, end: str) -> None:
        """End the exchange without an answer, and record that if the request was sent."""
        if self.phase is RequestStage.OVER:
            return
        self.leave_hold()
        if self.phase is RequestStage.SENT:
            self.record(end)
        upstream = self.upstream
        self.over()
        if upstream is not None:
            upstream.abort()

    def record(self, end: str) -> None:
        head, content, truncated = (None, b"", False) if self.upstream is None else self.upstream.received()
        # A plain tuple: to make a named one costs more than the rest of this method.
        self.edge.recorder.add(
            (self.request, self.copy, self.begin_ns, None, head, content, truncated, self.hold, end, self.detail)
        )
