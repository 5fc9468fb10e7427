"""Returns a complete answer to the merchant, under the faults that hit it on the way.

    complete -> (LoseAnswer) -> (HoldAnswer) -> (DelayAnswer)
             -> (AnswerInstead | ReplaceAnswer | TruncateAnswer | TrickleAnswer)
             -> (CloseConnection)

The provider's side of the exchange is over and recorded by then, so nothing that happens here can make the record
untrue. This path writes only to the merchant's connection; if the merchant is gone, nothing is written.
"""

from __future__ import annotations

from typing import NamedTuple

from ...contract.base.http_messages import HttpResponse
from ...core.clock import MS, SECOND
from ..faults.edge_actions import (
    AnswerAction,
    AnswerInstead,
    CloseConnection,
    DelayAnswer,
    EdgeAction,
    HoldAnswer,
    LoseAnswer,
    PadAnswer,
    ReplaceAnswer,
    SyntheticResponse,
    TrickleAnswer,
    TruncateAnswer,
)
from ..faults.edge_views import AnswerView, KeyedRandom
from .edge_state import EdgeState, header_pairs
from .exchange_record import response_members
from .http1.head import ResponseHead
from .identity import RequestIdentity
from .ports import ForwardedRequest, MerchantPort
from .rules import FaultRule, RequestFaults
from .synthetic_responses import IN_PROGRESS, NOT_FOUND, wire_bytes

__all__ = ["ResponsePath", "UpstreamResponse", "query_name"]

_STEP_NS = 10 * MS
_MOST_STEPS = 1000


class UpstreamResponse(NamedTuple):
    """A complete answer of the provider."""

    head: ResponseHead
    wire: bytes | None
    """The body's bytes as they came; ``None``: they are with the merchant already."""
    content: bytes
    """The body itself, as far as it is recorded."""


class ResponsePath:
    """One answer's way to one merchant."""

    def __init__(
        self,
        edge: EdgeState,
        merchant: MerchantPort,
        request: ForwardedRequest,
        answer: UpstreamResponse | None,
        *,
        close: bool,
    ) -> None:
        """``answer``: the provider's, or ``None`` if it was not asked. ``close``: close the merchant's connection after
        it.
        """
        assert request.plan is not None
        self._edge = edge
        self._merchant = merchant
        self._request = request
        self._plan: RequestFaults = request.plan
        self._answer = answer
        self._close = close

    def go(self) -> None:
        lost = self._plan.find(LoseAnswer)
        if lost is not None:
            self._fired(*lost)
            self._delivered(None, detail=f"{lost[0].name} kept the answer")
            (self._merchant.reset if lost[1].mode == "reset" else self._merchant.hang)()
            return
        held = self._plan.find(HoldAnswer)
        if held is not None and self._request.who.order_key is not None and self._acknowledges():
            self._await_callback(*held)
        else:
            self._delay()

    def _acknowledges(self) -> bool:
        if self._answer is None or not self._is_held:
            return False
        head, content = self._answer.head, self._answer.content
        said = HttpResponse(head.status, dict(header_pairs(head)), content)
        return self._edge.acknowledgement.hold(self._request.who.operation, said)

    def _await_callback(self, rule: FaultRule, action: HoldAnswer) -> None:
        """Go on when a callback about the order has reached the merchant, or the time for it is over."""
        edge, order, began_ns = self._edge, self._request.who.order_key, self._edge.now_ns()

        def called() -> None:
            self._fired(rule, action, held_ms=round((edge.now_ns() - began_ns) / MS, 3))
            self._delay()

        assert order is not None
        give_up = edge.awaited.wait(order, called, self._delay, end=action.end)
        if give_up is not None:
            edge.pauses.wait(rule, action.most_ns, give_up)

    def _delay(self) -> None:
        late = self._plan.find(DelayAnswer)
        if late is None or not (self._is_held or AnswerInstead in self._plan.actions):
            self._give()
            return
        self._fired(*late)
        self._edge.pauses.wait(late[0], late[1].delay_ns, self._give)

    @property
    def _is_held(self) -> bool:
        return self._answer is not None and self._answer.wire is not None

    def _give(self) -> None:
        answer = self._answer
        if self._merchant.gone:
            self._delivered(None, detail="the merchant was gone when the answer came")
        elif (instead := self._plan.find(AnswerInstead)) is not None:
            self._fired(*instead)
            self._give_ours(instead[1].response, head_only=self._request.head.method == "HEAD")
        elif answer is None or answer.wire is None:
            self._delivered_whole()
            self._finish()
        else:
            self._give_changed(answer, answer.wire)

    def _give_changed(self, answer: UpstreamResponse, wire: bytes) -> None:
        """Give the provider's answer as the terminal fault changes it."""
        rule = self._plan.terminal
        action = self._ordered(rule, self._view(answer, len(wire))) if rule is not None else None
        if rule is None or action is None:
            self._delivered_whole()
            self._write_ours(self._head(answer.head) + wire)
            return
        self._fired(rule, action)
        if isinstance(action, ReplaceAnswer):
            given = action.response
            if isinstance(given, SyntheticResponse):
                self._give_ours(given, head_only=False)
            else:
                self._delivered(given.original.recorded, given.body, packed=given.original.packed)
                self._write_ours(_reframed(given.original, given.body, close=self._close))
        elif isinstance(action, TruncateAnswer):
            self._give_a_part(self._head(answer.head) + wire[: action.given_bytes], action)
        elif isinstance(action, TrickleAnswer):
            self._give_slowly(answer.head, wire, rule, action)
        elif isinstance(action, PadAnswer):
            self._delivered_whole()  # a record keeps the body's beginning anyway
            self._write_ours(_reframed(answer.head, answer.content + b" " * action.more_bytes, close=self._close))

    def _ordered(self, rule: FaultRule, view: AnswerView) -> AnswerAction | None:
        """Return what the fault wants done to the answer. If its code fails, the run is told and the answer passes."""
        try:
            action = rule.fault.on_answer(view)
            if action is None or isinstance(action, AnswerAction):
                return action
            raise TypeError(f"on_answer returned {action!r}, which is no action for an answer")
        except Exception as error:
            self._edge.recorder.failed(rule.name, error, self._edge.now_ns())
            return None

    def _view(self, answer: UpstreamResponse, wire_bytes: int) -> AnswerView:
        who, edge = self._request.who, self._edge
        now_ns, name, order, memory = edge.now_ns(), query_name(self._request), who.order_key, edge.memory
        words = edge.words
        return AnswerView(
            answer.head.status,
            answer.content,
            wire_bytes,
            now_ns,
            lambda behind, lag_ns: memory.earlier(name, now_ns, behind, lag_ns),
            lambda lag_ns: memory.hides(name, order, now_ns, lag_ns),
            lambda: memory.acknowledged_ns(name, order),
            lambda: NOT_FOUND if words is None else words.not_found(*_names(who, edge)),
            lambda: IN_PROGRESS if words is None else words.in_progress(*_names(who, edge)),
            KeyedRandom(edge.rules.seed, who.ordinal, who.operation, who.attempt).of_order,
            memory.next_acknowledgement_ns,
        )

    def _head(self, head: ResponseHead) -> bytes:
        return head.forward_closing if self._close else head.forward

    def _give_ours(self, response: SyntheticResponse, *, head_only: bool) -> None:
        self._delivered(response_members(response.status, dict(response.headers)), response.body)
        self._write_ours(wire_bytes(response, head_only=head_only, close=self._close))

    def _write_ours(self, raw: bytes) -> None:
        self._merchant.write(raw)
        self._finish()

    def _give_a_part(self, part: bytes, action: TruncateAnswer) -> None:
        self._delivered(None, detail=f"the answer ended after {action.given_bytes} bytes")
        self._merchant.write(part)
        if action.end == "close":
            self._merchant.answered(close=True)
        else:
            self._merchant.reset_soon()

    def _give_slowly(self, head: ResponseHead, wire: bytes, rule: FaultRule, action: TrickleAnswer) -> None:
        whole_ns = len(wire) / action.bytes_per_s * SECOND
        steps = max(1, min(_MOST_STEPS, len(wire), int(whole_ns / _STEP_NS)))
        self._merchant.write(self._head(head))
        self._trickle(rule, wire, 0, steps, round(whole_ns / steps))

    def _trickle(self, rule: FaultRule, wire: bytes, step: int, steps: int, pause_ns: int) -> None:
        """Write ``steps`` parts with a wait before each. If the rule is removed, the rest is written at once."""

        def write() -> None:
            if self._merchant.gone:
                return
            self._merchant.write(wire[len(wire) * step // steps : len(wire) * (step + 1) // steps])
            if step + 1 < steps:
                self._trickle(rule, wire, step + 1, steps, pause_ns)
            else:
                self._delivered_whole()
                self._finish()

        self._edge.pauses.wait(rule, pause_ns, write)

    def _finish(self) -> None:
        closed = self._plan.find(CloseConnection)
        if closed is None or self._close:
            self._merchant.answered(close=self._close)
        elif closed[1].when == "after-answer":
            self._fired(*closed)
            self._merchant.answered(close=True)
        elif self._merchant.is_ahead:
            self._fired(*closed)
            self._merchant.reset_soon()
        else:
            self._merchant.reset_on_next(lambda next_op: self._fired(*closed, next_op=next_op))
            self._merchant.answered(close=False)

    def _delivered_whole(self) -> None:
        if self._answer is not None:
            head = self._answer.head
            self._delivered(head.recorded, self._answer.content, packed=head.packed)

    def _delivered(self, response_json: str | None, body: bytes = b"", *, detail: str = "", packed: str = "") -> None:
        self._edge.recorder.delivered(self._request, self._edge.now_ns(), response_json, body, detail, packed)

    def _fired(self, rule: FaultRule, action: EdgeAction, **more: object) -> None:
        who = self._request.who
        self._edge.recorder.fired(rule.name, who.op, self._edge.now_ns(), {**action.detail, **more, **who.said()})


def _names(who: RequestIdentity, edge: EdgeState) -> tuple[str, str]:
    """The order's number and the provider's identifier of it, each empty if it is not known."""
    return who.order, "" if edge.recognition is None else edge.recognition.provider_id(who.order)


def query_name(request: ForwardedRequest) -> tuple[int | str, str, str]:
    """Key of a query: the order (0 if it is not known), the target, and the merchant.

    Of a recognised query the target is the path alone: what follows may be a signature or the time.
    """
    who = request.who
    if who.order:
        return (who.order, request.head.target.partition("?")[0], who.scope)
    asks = [value for name, value in header_pairs(request.head) if name == "authorization"]
    return (who.ordinal if who.key else 0, request.head.target, ",".join(asks))


def _reframed(head: ResponseHead, content: bytes, *, close: bool) -> bytes:
    """An answer with its whole content, and the head that says how long that is."""
    first, *lines = head.forward[:-4].split(b"\r\n")
    framing = (b"content-length", b"transfer-encoding")
    kept = [line for line in lines if line.partition(b":")[0].lower() not in framing]
    kept.append(b"Content-Length: %d" % len(content))
    if close:
        kept.append(b"Connection: close")
    return b"\r\n".join([first, *kept, b"", content])
