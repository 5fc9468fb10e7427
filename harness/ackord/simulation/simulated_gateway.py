"""Drives the gateway's exchanges in virtual time: makes the ports (``chaos.gateway.ports``) for merchants and provider.

What is decided and done to an operation is done by the exchange that runs live. Only what sockets are for is played:
a message takes its time, and arrives whole. What a merchant is sent are the bytes that a real one would be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from ..chaos.gateway.acknowledgement import AcknowledgementRules
from ..chaos.gateway.barriers import Barriers
from ..chaos.gateway.edge_state import EdgeState, ProxySettings, header_pairs
from ..chaos.gateway.http1.framing import RequestHead, ResponseHead, response_message_reader
from ..chaos.gateway.identity import RequestIdentity, read_hold
from ..chaos.gateway.ports import Members, UpstreamClient
from ..chaos.gateway.proxied_exchange import ProxiedExchange
from ..chaos.gateway.reorder_buffer import ReorderBuffers
from ..client.operation_request import OperationRequest
from ..contract.codec.codec import HttpRequest, HttpResponse, Interpretation, ResponseContext
from ..core.clock import MS, VirtualClock
from ..core.event import FaultChange
from ..core.seed import Seed
from ..record.recorder import NO_ANSWER, Reader, Recorder
from ..workload.order import WorkloadOrder
from .simulated_provider import SimulatedProvider

__all__ = ["SimulatedExchange", "SimulatedGateway", "SimulatedPorts", "SimulatedUpstream"]

LEAST_NS = 200_000
SPREAD_NS = 1_800_000
"""Each way between merchant and gateway takes from 0.2 to 2 ms, decided by the seed for each operation."""
RELEASE_NS = 50_000
"""Delay between the event that a held request waits for and its sending.

It is above zero, so that a query held for an acknowledgement is sent strictly after it.
"""
HOLD_NS = 300 * MS
"""How long a request is held at most."""
_NODE = "provider"


class SimulatedExchange:
    """One operation in flight, and the merchant's connection that carries it."""

    __slots__ = ("call", "done", "edge", "op", "order", "reading", "request", "told", "way_back_ns", "written")

    gone = False
    is_ahead = False

    def __init__(self, op: int, order: WorkloadOrder, call: OperationRequest, request: HttpRequest) -> None:
        self.op = op
        self.order = order
        self.call = call
        self.request = request
        self.edge: SimulatedPorts
        self.reading: Interpretation | None = None
        self.way_back_ns = 0
        self.written = b""
        self.told: Callable[[int], None] | None = None
        """Told when the gateway resets its connection: now, or, if the merchant gets an answer, on the next request."""
        self.done = False

    def is_done(self) -> bool:
        return self.done

    def write(self, data: bytes) -> None:
        self.written += data

    def answered(self, *, close: bool) -> None:
        self.edge.clock.call_later(self.way_back_ns, self._received)

    def reset(self) -> None:
        self.edge.clock.call_later(self.way_back_ns, partial(self._gave_up, "connection reset"))

    hang = reset_soon = reset

    def reset_on_next(self, told: Callable[[int], None]) -> None:
        self.told = told

    def set_reading(self, on: bool) -> None:
        """All of it is read already."""

    def _received(self) -> None:
        edge, call = self.edge, self.call
        answer = edge.answers.get(self.written) or _read_answer(self.written)
        if answer is None:
            self._gave_up("the connection ended in the middle of the answer")
            return
        if self.told is not None:
            edge.doomed.append(self.told)
        self.reading = edge.read(call.kind, answer, ResponseContext(call.payment.order_no))
        edge.recorder.complete(self.op, edge.clock.now_ns(), self.reading, answer)
        self._end()

    def _gave_up(self, why: str) -> None:
        self.edge.recorder.gave_up(self.op, self.edge.clock.now_ns(), why)
        self._end()

    def _end(self) -> None:
        self.done = True
        self.order.learn(self.call, self.reading)


class SimulatedUpstream:
    """A connection to the provider, for one request."""

    __slots__ = ("_edge", "_written", "exchange")

    def __init__(self, edge: SimulatedPorts) -> None:
        self._edge = edge
        self._written = b""
        self.exchange: UpstreamClient | None = None

    def write(self, data: bytes) -> None:
        """The provider acts on a request when all of its bytes are there."""
        self._written += data
        request = self._edge.requests.get(self._written)
        if request is not None:
            self._edge.provider.receive(request, self._answered)

    def _answered(self, answer: HttpResponse) -> None:
        if self.exchange is not None:
            self._edge.answer = answer
            self.exchange.complete(self._edge.head_of(answer), answer.body, answer.body, False)

    def set_reading(self, on: bool) -> None:
        """An answer comes whole."""

    def received(self) -> tuple[ResponseHead | None, bytes, bool]:
        return None, b"", False

    def release(self, *, reuse: bool) -> None:
        self.exchange = None

    def abort(self) -> None:
        self.exchange = None


class SimulatedAlarm:
    """An action that falls due in virtual time."""

    __slots__ = ("_action",)

    def __init__(self, clock: VirtualClock, delay_ns: int, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action
        clock.call_later(delay_ns, self._due)

    def _due(self) -> None:
        if self._action is not None:
            self._action()

    def cancel(self) -> None:
        self._action = None


class SimulatedPorts:
    """The ports of one program's edge to its only node and to the record, and what its messages are, by their bytes.

    They do not know the edge: a program's world is freed at its end, without the garbage collector.
    """

    def __init__(
        self,
        clock: VirtualClock,
        provider: SimulatedProvider,
        recorder: Recorder,
        read: Reader,
        told: Callable[[], None],
    ) -> None:
        """``told`` is called whenever the provider has answered."""
        self.clock = clock
        self.provider = provider
        self.recorder = recorder
        self.read = read
        self.requests: dict[bytes, HttpRequest] = {}
        """What the provider gets."""
        self.answers: dict[bytes, HttpResponse] = {}
        """What the provider answered."""
        self._heads: dict[int, tuple[HttpResponse, ResponseHead]] = {}
        self.answer: HttpResponse | None = None
        """The latest."""
        self.doomed: list[Callable[[int], None]] = []
        """Idle connections of merchants that are reset when they are used."""
        self._told = told

    def head_of(self, answer: HttpResponse) -> ResponseHead:
        """Return the head of an answer of the provider, which is known by its bytes from now on."""
        known = self._heads.get(id(answer))
        if known is not None:
            return known[1]
        head = _response_head(answer.status, tuple(answer.headers.items()), len(answer.body))
        self.answers[head.forward + answer.body] = answer
        # Kept with the answer, so that nothing else gets its id: a provider says most things more than once.
        self._heads[id(answer)] = answer, head
        return head

    def take(self, now_ns: int) -> SimulatedUpstream:
        return SimulatedUpstream(self)

    def connect_for(self, client: UpstreamClient) -> None:
        raise NotImplementedError("a connection is always there")

    def add(self, record: Members) -> None:
        request, copy, begin_ns, complete_ns, _, _, _, _, end, detail = record
        answer = None if complete_ns is None else self.answer
        self.recorder.reached(
            request.who.op, copy, begin_ns, complete_ns, answer,
            request=self.requests[request.raw], detail=detail or NO_ANSWER.get(end, end),
        )  # fmt: skip
        self._told()

    def fired(self, fault: str, op: int, at_ns: int, detail: dict[str, object]) -> None:
        self.recorder.add(FaultChange(at_ns, fault, "fired", "edge", op, detail))

    def delivered(self, *given: object) -> None:
        """The merchants here say themselves what they got."""

    def failed(self, fault: str, error: Exception, at_ns: int) -> None:
        raise error


class SimulatedGateway:
    """One program's edge."""

    def __init__(self, seed: Seed, ports: SimulatedPorts, acknowledgement: AcknowledgementRules) -> None:
        self._seed = seed
        self._ports = ports
        clock = ports.clock
        settings = ProxySettings("edge", {_NODE: ("simulation", 0)}, _NODE, hold_timeout_ms=HOLD_NS / MS)
        alarm, pools = partial(SimulatedAlarm, clock), {_NODE: ports}
        self._state = EdgeState(settings, clock.now_ns, clock, alarm, ports, pools, acknowledgement)
        self._state.holds = Barriers(run=partial(clock.call_later, RELEASE_NS))
        # A nanosecond each: what leaves one after the other arrives so.
        self._state.windows = ReorderBuffers(
            lambda leave, came, left: clock.call_later(left, partial(leave, came, left))
        )

    def set_rules(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the faults, in the gateway's own format. Raises ``UsageError`` for an invalid rule."""
        self._state.set_rules(self._seed.value, rules)

    def send(self, flight: SimulatedExchange) -> None:
        """Carry the exchange to the provider and its answer back.

        It is ``done`` when the merchant has an answer, or knows that none will come.
        """
        call, ports = flight.call, self._ports
        bits = self._seed.bits("edge", call.ordinal, call.kind, call.attempt, call.payment.amount_minor)
        flight.edge = ports
        flight.way_back_ns = LEAST_NS + (bits >> 32) % SPREAD_NS
        if ports.doomed:
            flight.told = ports.doomed.pop()
        ports.clock.call_later(LEAST_NS + (bits & 0xFFFFFFFF) % SPREAD_NS, partial(self._arrive, flight))

    def _arrive(self, flight: SimulatedExchange) -> None:
        if flight.told is not None:
            flight.told(flight.op)
            flight.reset()
            return
        asked, call = flight.request, flight.call
        hold = read_hold(call.hold) if call.hold else None
        # As the gateway reads it from the headers that live clients send.
        who = RequestIdentity(
            flight.op, "key", call.kind, call.ordinal, call.attempt, call.node, call.token, hold, call.inject
        )
        request = self._state.request(_request_head(asked), asked.body, asked.body, who)
        self._ports.requests[request.raw] = asked
        ProxiedExchange(self._state, flight, request, whole=True).start()


@lru_cache(maxsize=4096)
def _request_head(request: HttpRequest) -> RequestHead:
    lines = [f"{request.method} {request.target} HTTP/1.1", "host: provider"]
    body_bytes = len(request.body)
    return RequestHead(request.method, request.target, _head_bytes(lines, request.headers, body_bytes), body_bytes)


@lru_cache(maxsize=256)
def _response_head(status: int, headers: tuple[tuple[str, str], ...], body_bytes: int) -> ResponseHead:
    return ResponseHead(_head_bytes([f"HTTP/1.1 {status}"], headers, body_bytes), to_head=False)


def _head_bytes(lines: list[str], headers: tuple[tuple[str, str], ...], body_bytes: int) -> bytes:
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, f"content-length: {body_bytes}", "", ""]).encode("latin-1")


def _read_answer(raw: bytes) -> HttpResponse | None:
    """Read an answer that a fault made; ``None``: it is not complete."""
    reader = response_message_reader(len(raw), lambda: "GET")
    reader.feed(raw)
    if reader.head is None or not reader.complete:
        return None
    return HttpResponse(reader.head.status, dict(header_pairs(reader.head)), reader.content)
