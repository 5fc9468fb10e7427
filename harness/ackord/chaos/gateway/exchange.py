"""An exchange: a request (see ``delivery``), the way of its answer back to the merchant, and every way in which it can end."""

from __future__ import annotations

from .delivery import Delivery, Phase
from .messages import AnswerHead, Garbled
from .records import ExchangeRecord
from .request import Requester
from .rules import DUPLICATE, LOST_ANSWER, RESET, SUBSTITUTION, Plan
from .upstream import Upstream, set_reading

__all__ = ["Exchange"]


class Exchange(Delivery):
    """One request, or one copy of it, and its answer, at the provider's side."""

    _passed = False
    """Whether a part of the answer went to the merchant."""
    _paused = False
    """Whether the provider has to wait for a slow merchant."""

    @property
    def _withheld(self) -> bool:
        """Whether the provider's answer is kept from the merchant."""
        plan = self.request.plan
        return plan is not None and plan.fate in (LOST_ANSWER, SUBSTITUTION)

    def sent(self) -> None:
        plan, merchant = self.request.plan, self.merchant
        if self.copy:
            self.fired(DUPLICATE, copy=self.copy)
            self._finish_alone()
        elif plan is not None:
            if plan.copies and self.whole:
                for number in range(1, plan.copies + 1):
                    copy = Exchange(self.edge, None, self.request, whole=True, copy=number)
                    copy.start(number * plan.copy_delay_ns)
            if plan.fate == RESET and merchant is not None:
                self.fired(RESET)
                self._finish_alone()
                merchant.reset()

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
        except Garbled:
            self._broken("garbled")
            return
        if head is None:
            return
        if self.phase is not Phase.SENT:  # answered before it was asked
            self._broken("garbled")
        elif reader.complete:
            self._complete(upstream, head, piece)
        else:
            self._pass_on(head, piece)

    def _pass_interim(self, head: AnswerHead) -> None:
        """Pass on an answer such as 103; a 100 was asked for by nobody, since Expect is not forwarded."""
        if self.merchant is not None and head.status != 100 and not self._withheld:
            self.merchant.write(head.forward)

    def _pass_on(self, head: AnswerHead, piece: bytes) -> None:
        if self.merchant is None or self._withheld:
            return
        if not self._passed:
            self._passed = True
            piece = (head.forward_closing if self._closes(head) else head.forward) + piece
        self.merchant.write(piece)

    def _closes(self, head: AnswerHead) -> bool:
        """Whether the merchant's connection ends with this answer."""
        return head.until_close or not self.whole or not self.request.head.keep_alive

    def _complete(self, upstream: Upstream, head: AnswerHead, piece: bytes) -> None:
        """The last byte of the answer is here."""
        edge, merchant, request = self.edge, self.merchant, self.request
        complete_ns = edge.now_ns()
        if request.who.token and not self.copy:
            edge.holds.complete(request.who.token)
        self._pass_on(head, piece)
        self.record("complete", complete_ns)
        self.over()
        reader = upstream.reader
        if head.keep_alive and self.whole and not reader.waiting_bytes and not upstream.transport.is_closing():
            reader.next_message()
            if self._paused:
                set_reading(upstream.transport, True)
            edge.pools[request.node].give_back(upstream)
        else:
            upstream.exchange = None
            upstream.transport.close()
        if merchant is None:
            return
        if self._withheld:
            self._answer_withheld(merchant)
        else:
            merchant.answered(close=self._closes(head))

    def _answer_withheld(self, merchant: Requester) -> None:
        plan = self.request.plan
        assert plan is not None
        if plan.fate == SUBSTITUTION:
            self.substitute(merchant, plan)
            return
        self._lose_answer(plan)
        if plan.hang:
            merchant.hang()
        else:
            merchant.reset()

    def _lose_answer(self, plan: Plan) -> None:
        self.fired(LOST_ANSWER, mode="hang" if plan.hang else "reset")

    def substitute(self, merchant: Requester, plan: Plan) -> None:
        instead = plan.substitution
        assert instead is not None
        self.fired(SUBSTITUTION, status=instead.status, forward=instead.forward)
        retry = [] if instead.retry_after_s is None else [f"Retry-After: {instead.retry_after_s}"]
        merchant.answer(instead.status, {"code": instead.code} if instead.body is None else instead.body, retry)

    def answer_flow(self, *, stop: bool) -> None:
        """The merchant does not keep up with the answer, or does again."""
        self._paused = stop
        if self.upstream is not None:
            set_reading(self.upstream.transport, not stop)

    # -- ends -------------------------------------------------------------------------------------------------------

    def merchant_lost(self, end: str) -> None:
        """The merchant gave up (``end`` is ``timeout``) or reset the connection."""
        if self.phase is Phase.OVER:
            return
        plan = self.request.plan
        if self.phase is Phase.SENT and self.whole and plan is not None and plan.fate == LOST_ANSWER:
            self._lose_answer(plan)
            self._finish_alone()
        else:
            self._give_up(end)

    def request_garbled(self) -> None:
        """The rest of a large request cannot be read."""
        self._give_up("reset")

    def upstream_lost(self, error: Exception | None) -> None:
        """The provider closed the connection (``error`` is ``None``) or it broke."""
        upstream = self.upstream
        if upstream is None or self.phase is Phase.OVER:
            return
        if self.phase is Phase.WAITING:
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
        """Nobody waits for the answer; the provider has a bounded time to finish."""
        self.merchant = None
        if self.upstream is not None:
            set_reading(self.upstream.transport, True)
        self.alarm = self.edge.loop.call_later(self.edge.settings.finish_timeout_ms / 1000, self._give_up, "timeout")

    def _give_up(self, end: str) -> None:
        if self.phase is Phase.OVER:
            return
        self.leave_hold()
        if self.phase is Phase.SENT:
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
        self.edge.recorder.add(
            ExchangeRecord(
                self.request, self.copy, self.begin_ns, complete_ns, head, content, truncated, self.hold, end
            )
        )
