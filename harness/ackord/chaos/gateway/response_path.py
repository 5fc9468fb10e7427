"""Returns a complete answer to the merchant, under the faults that hit it on the way.

    complete -> (lost-answer) -> (late-answer) -> (substitution | redirect | stale-answer)
             -> (truncated | slow) -> (connection-closed)

The provider's side of the exchange is over and recorded by then, so nothing that happens here can make the record
untrue. This path writes only to the merchant's connection; if the merchant is gone, nothing is written.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from typing import NamedTuple, cast

from ...core.clock import MS, SECOND
from .fault_params import CLOSED, LATE, LOST_ANSWER, REDIRECT, SLOW_BODY, STALE, SUBSTITUTION, TRUNCATED
from .forwarded_request import ForwardedRequest, ResponseSink
from .http1.head import ResponseHead
from .proxy_state import ProxyState, header_pairs
from .rules import RequestFaults
from .synthetic_responses import synthetic_response, wire_bytes

__all__ = ["ResponsePath", "UpstreamResponse", "drop_response", "query_name"]

_STEP_NS = 10 * MS
_MOST_STEPS = 1000
_FLUSH_NS = 2 * MS
"""Until the event loop has written what it was given: a reset drops what is not written yet."""
_NO_LINGER = struct.pack("ii", 1, 0)
_NEXT_OP = re.compile(rb"\r\nackord-op:[ \t]*(\d{1,15})", re.IGNORECASE)


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
        edge: ProxyState,
        merchant: ResponseSink,
        request: ForwardedRequest,
        terminal_fault: str,
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
        self._terminal_fault = terminal_fault
        self._answer = answer
        self._close = close

    def go(self) -> None:
        if self._terminal_fault == LOST_ANSWER:
            drop_response(self._edge, self._request)
            if self._plan.terminal_params()["mode"] == "hang":
                self._merchant.hang()
            else:
                self._merchant.reset()
            return
        late = self._plan.rules.get(LATE)
        if late is None or not late.params["ms"] or (self._terminal_fault not in _OURS and not self._is_held):
            self._give()
            return
        self._fired(LATE, ms=late.params["ms"])
        self._edge.pauses.wait(late, round(late.params["ms"] * MS), self._give)

    @property
    def _is_held(self) -> bool:
        return self._answer is not None and self._answer.wire is not None

    def _give(self) -> None:
        if self._merchant.transport.is_closing():
            return
        if self._terminal_fault in _OURS:
            self._give_ours()
        elif not self._is_held:
            self._finish()
        elif self._terminal_fault == STALE:
            self._give_stale()
        elif self._terminal_fault == TRUNCATED:
            self._give_a_part()
        elif self._terminal_fault == SLOW_BODY:
            self._give_slowly()
        else:
            self._give_whole()

    def _give_whole(self) -> None:
        answer = self._answer
        assert answer is not None and answer.wire is not None
        self._merchant.write(self._head(answer.head) + answer.wire)
        self._finish()

    def _head(self, head: ResponseHead) -> bytes:
        return head.forward_closing if self._close else head.forward

    def _give_ours(self) -> None:
        params, target = self._plan.terminal_params(), self._request.head.target
        ours = synthetic_response(self._terminal_fault, params, target)
        self._fired(self._terminal_fault, status=ours.status, forward=params["forward"])
        self._write_ours(wire_bytes(ours, head_only=self._request.head.method == "HEAD", close=self._close))

    def _write_ours(self, raw: bytes) -> None:
        self._merchant.write(raw)
        self._finish()

    def _give_stale(self) -> None:
        """Give an earlier answer, if it says anything else than the present one."""
        answer, params, now_ns = self._answer, self._plan.terminal_params(), self._edge.now_ns()
        assert answer is not None
        who = self._request.who
        name = query_name(self._request)
        if params["not_found"]:
            lag_ns = round((params["lag_ms"] or 0) * MS)
            ordinal = who.ordinal if who.key else None
            if answer.head.status < 300 and self._edge.memory.hides(name, ordinal, now_ns, lag_ns):
                self._fired(STALE, status=params["status"], not_found=True)
                ours = synthetic_response(STALE, params, self._request.head.target)
                self._write_ours(wire_bytes(ours, head_only=False, close=self._close))
                return
        else:
            stale = self._edge.memory.earlier(name, now_ns, params)
            if stale is not None:
                head, content = stale.answer
                if (head.status, content) != (answer.head.status, answer.content):
                    self._fired(STALE, status=head.status, age_ms=round((now_ns - stale.at_ns) / MS, 3))
                    self._write_ours(_reframed(head, content, close=self._close))
                    return
        self._give_whole()

    def _give_a_part(self) -> None:
        answer, params = self._answer, self._plan.terminal_params()
        assert answer is not None and answer.wire is not None
        size_bytes = len(answer.wire)
        if not size_bytes:
            self._give_whole()
            return
        given = params["bytes"] if params["bytes"] is not None else int(size_bytes * params["part"])
        given = min(given, size_bytes - 1)
        self._fired(TRUNCATED, given_bytes=given, of_bytes=size_bytes, end=params["end"])
        self._merchant.write(self._head(answer.head) + answer.wire[:given])
        if params["end"] == "close":
            self._merchant.answered(close=True)
        else:
            self._reset_soon()

    def _give_slowly(self) -> None:
        answer = self._answer
        assert answer is not None and answer.wire is not None
        wire = answer.wire
        if not wire:
            self._give_whole()
            return
        per_s = self._plan.terminal_params()["bytes_per_s"]
        whole_ns = len(wire) / per_s * SECOND
        steps = max(1, min(_MOST_STEPS, len(wire), int(whole_ns / _STEP_NS)))
        self._fired(SLOW_BODY, bytes_per_s=per_s, of_bytes=len(wire))
        self._merchant.write(self._head(answer.head))
        self._trickle(wire, 0, steps, round(whole_ns / steps))

    def _trickle(self, wire: bytes, step: int, steps: int, pause_ns: int) -> None:
        """Write ``steps`` parts with a wait before each. If the rule is removed, the rest is written at once."""

        def write() -> None:
            if self._merchant.transport.is_closing():
                return
            self._merchant.write(wire[len(wire) * step // steps : len(wire) * (step + 1) // steps])
            if step + 1 < steps:
                self._trickle(wire, step + 1, steps, pause_ns)
            else:
                self._finish()

        self._edge.pauses.wait(self._plan.rules[SLOW_BODY], pause_ns, write)

    def _finish(self) -> None:
        closed = self._plan.params(CLOSED)
        if closed is None or self._close:
            self._merchant.answered(close=self._close)
        elif closed["when"] == "after-answer":
            self._fired(CLOSED, when="after-answer")
            self._merchant.answered(close=True)
        elif self._merchant.reader.waiting_bytes:  # the next request is here already
            self._fired(CLOSED, when="next-request")
            self._reset_soon()
        else:
            ResetOnNextData(self._edge, self._merchant, self._request)
            self._merchant.answered(close=False)

    def _reset_soon(self) -> None:
        """Reset the connection when what was written to it is on its way."""
        self._edge.timer.call_at(self._edge.now_ns() + _FLUSH_NS, self._merchant.reset)

    def _fired(self, fault: str, **detail: object) -> None:
        self._edge.recorder.fired(fault, self._request.who.op, self._edge.now_ns(), detail)


_OURS = frozenset({SUBSTITUTION, REDIRECT})
"""Faults for which the gateway makes the answer."""


class ResetOnNextData(asyncio.Protocol):
    """Resets a merchant's connection as soon as data arrives on it, as if the server had closed it while idle."""

    def __init__(self, edge: ProxyState, merchant: ResponseSink, request: ForwardedRequest) -> None:
        self._edge = edge
        self._op = request.who.op
        self._transport = merchant.transport
        self._before = cast("asyncio.Protocol", merchant.transport.get_protocol())
        merchant.transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        found = _NEXT_OP.search(data)
        detail = {"when": "next-request", "next_op": int(found[1]) if found else 0}
        self._edge.recorder.fired(CLOSED, self._op, self._edge.now_ns(), detail)
        reset(self._transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._before.connection_lost(error)


def reset(transport: asyncio.Transport) -> None:
    """End a connection with a TCP reset, as a crashed peer would."""
    raw: socket.socket | None = transport.get_extra_info("socket")
    if raw is not None and not transport.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


def drop_response(edge: ProxyState, request: ForwardedRequest) -> None:
    """Record that the answer to ``request`` is lost."""
    assert request.plan is not None
    edge.recorder.fired(LOST_ANSWER, request.who.op, edge.now_ns(), {"mode": request.plan.terminal_params()["mode"]})


def query_name(request: ForwardedRequest) -> tuple[int, str, str]:
    """Key of a query: the order (0 for a foreign merchant), the target, and the merchant."""
    who = request.who
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
