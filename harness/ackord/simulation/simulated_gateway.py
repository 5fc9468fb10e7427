"""Simulates an edge: what the gateway does to an operation between merchant and provider, in virtual time.

The decisions are the gateway's own (``Barriers``, ``RuleSet``, ``ReorderBuffers``, ``ResponseHistory``: pure, keyed by
the seed); only their execution differs. There are no connections here, so ``connection-closed`` never fires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..chaos.faults.edge_actions import (
    AnswerInstead,
    DelayAnswer,
    DelayRequest,
    DropRequest,
    LoseAnswer,
    PadAnswer,
    RefuseConnection,
    ReorderQuery,
    ReplaceAnswer,
    ResetAfterSend,
    SendCopies,
    SyntheticResponse,
    TrickleAnswer,
    TruncateAnswer,
)
from ..chaos.faults.edge_views import AnswerView, KeyedRandom, RequestView
from ..chaos.gateway.barriers import Barriers
from ..chaos.gateway.delay_queue import DelayQueue
from ..chaos.gateway.identity import RequestIdentity, read_identity
from ..chaos.gateway.reorder_buffer import ReorderBuffers
from ..chaos.gateway.response_history import ResponseHistory
from ..chaos.gateway.rules import FaultRule, RequestFaults, RuleSet
from ..chaos.gateway.synthetic_responses import IN_PROGRESS, NOT_FOUND
from ..client.operation_request import OperationRequest
from ..contract.codec.codec import HttpRequest, HttpResponse, Interpretation, ResponseContext
from ..core.clock import MS, SECOND, VirtualClock
from ..core.event import FaultChange
from ..core.operation import OperationKind, acknowledges
from ..core.seed import Seed
from ..record.recorder import Reader, Recorder
from ..workload.order import WorkloadOrder
from .simulated_provider import SimulatedProvider

__all__ = ["SimulatedExchange", "SimulatedGateway"]

LEAST_NS = 200_000
SPREAD_NS = 1_800_000
"""Each way between merchant and gateway takes from 0.2 to 2 ms, decided by the seed for each operation."""
RELEASE_NS = 50_000
"""Delay between the event that a held request waits for and its sending.

It is above zero, so that a query held for an acknowledgement is sent strictly after it.
"""
HOLD_NS = 300 * MS
"""How long a request is held at most."""


class SimulatedExchange:
    """One operation in flight."""

    __slots__ = ("call", "done", "held", "op", "order", "plan", "reading", "request", "way_back_ns")

    def __init__(self, op: int, order: WorkloadOrder, call: OperationRequest, request: HttpRequest) -> None:
        self.op = op
        self.order = order
        self.call = call
        self.request = request
        self.plan: RequestFaults | None = None
        self.reading: Interpretation | None = None
        self.way_back_ns = 0
        self.held = False
        self.done = False

    def is_done(self) -> bool:
        return self.done


class SimulatedGateway:
    """One program's edge. ``on_answer`` is called whenever the provider has answered."""

    def __init__(
        self,
        clock: VirtualClock,
        seed: Seed,
        provider: SimulatedProvider,
        recorder: Recorder,
        read: Reader,
        on_answer: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._provider = provider
        self._recorder = recorder
        self._read = read
        self._on_answer = on_answer
        self._holds = Barriers()
        self._pauses = DelayQueue(clock, clock.now_ns)
        self._windows = ReorderBuffers()
        self._memory = ResponseHistory()
        self._rules = RuleSet(seed.value, [])

    def set_rules(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the faults, in the gateway's own format. Raises ``UsageError`` for an invalid rule."""
        self._rules = RuleSet(self._seed.value, rules, self._rules)
        self._pauses.let_go(self._rules.sources)

    def send(self, flight: SimulatedExchange) -> None:
        """Carry the exchange to the provider and its answer back.

        It is ``done`` when the merchant has an answer, or knows that none will come.
        """
        call = flight.call
        bits = self._seed.bits("edge", call.ordinal, call.kind, call.attempt, call.payment.amount_minor)
        flight.way_back_ns = LEAST_NS + (bits >> 32) % SPREAD_NS
        self._clock.call_later(LEAST_NS + (bits & 0xFFFFFFFF) % SPREAD_NS, lambda: self._at_gateway(flight))

    def _plan(self, flight: SimulatedExchange) -> RequestFaults | None:
        call, rules = flight.call, self._rules
        if not rules.rules and not call.inject:
            return None
        who = RequestIdentity(
            flight.op, "key", str(call.kind), call.ordinal, call.attempt, call.node, call.token, None, call.inject
        )
        request = flight.request
        return rules.plan(
            who,
            call.node,
            self._clock.now_ns(),
            lambda: RequestView(request.method, request.target, lambda: request.headers, lambda: request.body),
        )

    def _at_gateway(self, flight: SimulatedExchange) -> None:
        flight.plan = plan = self._plan(flight)
        delay = plan.find(DelayRequest) if plan is not None else None
        if delay is None:
            self._depart(flight)
            return
        rule, action = delay
        self._fired(rule, flight)
        self._pauses.wait(rule, action.delay_ns, lambda: self._depart(flight))

    def _depart(self, flight: SimulatedExchange) -> None:
        if flight.call.hold:
            self._hold(flight)
        else:
            self._forward(flight)

    def _hold(self, flight: SimulatedExchange) -> None:
        hold = read_identity({"ackord-hold": flight.call.hold}, 0).hold
        assert hold is not None
        flight.held = True

        def release() -> None:
            if flight.held:
                flight.held = False
                self._clock.call_later(RELEASE_NS, lambda: self._forward(flight))

        def lose_patience() -> None:
            if flight.held:
                self._holds.leave(hold.name, release)
                release()

        if hold.members:
            self._holds.join(hold.name, hold.members, release)
        else:
            self._holds.wait(hold.name, release)
        self._clock.call_later(HOLD_NS, lose_patience)

    def _forward(self, flight: SimulatedExchange) -> None:
        plan = flight.plan
        if plan is None:
            self._deliver(flight, 0)
            return
        lost = next((r for kind in (DropRequest, RefuseConnection) if (r := plan.actions.get(kind))), None)
        instead = plan.find(AnswerInstead)
        if lost is not None:
            self._fired(lost[0], flight)
            self._lose(flight)
        elif instead is not None and not instead[1].forward:
            self._answer_instead(flight, *instead)
        else:
            self._gather(flight, plan)

    def _gather(self, flight: SimulatedExchange, plan: RequestFaults) -> None:
        """Send, or wait in a window of queries first."""
        found = plan.find(ReorderQuery)
        if found is None:
            self._send_on(flight, plan)
            return
        rule, action = found

        def leave(came: int, left: int) -> None:
            if came != left:
                self._fired(rule, flight)
            # A nanosecond each: what leaves one after the other arrives so.
            self._clock.call_later(left, lambda: self._send_on(flight, plan))

        windows, name = self._windows, rule.source or rule.name
        number = windows.join(name, action.size, action.rank, leave)
        if number:
            self._pauses.wait(rule, action.window_ns, lambda: windows.open(name, number))

    def _send_on(self, flight: SimulatedExchange, plan: RequestFaults) -> None:
        self._copy(flight, plan, "after-request")
        self._deliver(flight, 0)
        reset = plan.find(ResetAfterSend)
        if reset is not None:
            self._fired(reset[0], flight)
            self._lose(flight)

    def _copy(self, flight: SimulatedExchange, plan: RequestFaults, when: str) -> None:
        """Deliver the copies that are due ``when``."""
        found = plan.find(SendCopies)
        if found is None or found[1].when != when:
            return
        rule, action = found
        for n in range(1, action.copies + 1):
            self._pauses.wait(rule, n * action.delay_ns, partial(self._deliver_copy, flight, rule, n))

    def _deliver_copy(self, flight: SimulatedExchange, rule: FaultRule, copy: int) -> None:
        self._fired(rule, flight)
        self._deliver(flight, copy)

    def _deliver(self, flight: SimulatedExchange, copy: int) -> None:
        begin_ns = self._clock.now_ns()
        self._provider.receive(flight.request, lambda answer: self._answered(flight, copy, begin_ns, answer))

    def _answered(self, flight: SimulatedExchange, copy: int, begin_ns: int, answer: HttpResponse) -> None:
        now_ns = self._clock.now_ns()
        self._recorder.reached(flight.op, copy, begin_ns, now_ns, answer, request=flight.request)
        self._on_answer()
        if self._rules.remembers:
            self._remember(flight, answer, now_ns)
        if copy:
            return
        if flight.call.token:
            self._holds.complete(flight.call.token)
        if flight.plan is None:
            self._give(flight, answer)
        else:
            self._copy(flight, flight.plan, "after-answer")
            self._way_back(flight, flight.plan, answer)

    def _way_back(self, flight: SimulatedExchange, plan: RequestFaults, answer: HttpResponse) -> None:
        if ResetAfterSend in plan.actions:
            return
        lost = plan.find(LoseAnswer)
        if lost is not None:
            self._fired(lost[0], flight)
            self._lose(flight)
            return
        late = plan.find(DelayAnswer)
        if late is None:
            self._give_changed(flight, plan, answer)
            return
        rule, action = late
        self._fired(rule, flight)
        self._pauses.wait(rule, action.delay_ns, lambda: self._give_changed(flight, plan, answer))

    def _give_changed(self, flight: SimulatedExchange, plan: RequestFaults, answer: HttpResponse) -> None:
        """Deliver the answer to the merchant as the faults of the request change it."""
        instead = plan.find(AnswerInstead)
        if instead is not None:
            self._answer_instead(flight, *instead)
            return
        rule = plan.terminal
        action = rule.fault.on_answer(self._view(flight, answer)) if rule is not None else None
        if rule is None or action is None:
            self._give(flight, answer)
            return
        self._fired(rule, flight)
        if isinstance(action, ReplaceAnswer):
            given = action.response
            self._give(flight, _wire(given) if isinstance(given, SyntheticResponse) else given.original)
        elif isinstance(action, TruncateAnswer):
            self._lose(flight, "the connection ended in the middle of the answer")
        elif isinstance(action, PadAnswer):
            self._give(flight, answer._replace(body=answer.body + b" " * action.more_bytes))
        elif isinstance(action, TrickleAnswer):
            whole_ns = round(len(answer.body) / action.bytes_per_s * SECOND)
            self._pauses.wait(rule, whole_ns, lambda: self._give(flight, answer))
        else:
            raise TypeError(f"{rule.name} returns {type(action).__name__} for an answer")

    def _answer_instead(self, flight: SimulatedExchange, rule: FaultRule, action: AnswerInstead) -> None:
        self._fired(rule, flight)
        self._give(flight, _wire(action.response))

    def _view(self, flight: SimulatedExchange, answer: HttpResponse) -> AnswerView:
        now_ns, name, ordinal = self._clock.now_ns(), _name(flight), flight.call.ordinal
        return AnswerView(
            answer.status,
            answer.body,
            len(answer.body),
            now_ns,
            lambda behind, lag_ns: self._memory.earlier(name, now_ns, behind, lag_ns),
            lambda lag_ns: self._memory.hides(name, ordinal, now_ns, lag_ns),
            lambda: self._memory.acknowledged_ns(name, ordinal),
            lambda: NOT_FOUND,
            lambda: IN_PROGRESS,
            KeyedRandom(self._seed, ordinal, str(flight.call.kind), flight.call.attempt).of_order,
            self._memory.next_acknowledgement_ns,
        )

    def _remember(self, flight: SimulatedExchange, answer: HttpResponse, now_ns: int) -> None:
        if flight.call.kind is OperationKind.QUERY:
            self._memory.remember(_name(flight), now_ns, answer.status, answer.body, answer)
            return
        reading = self._read(flight.call.kind, answer, ResponseContext(flight.call.payment.order_no))
        if acknowledges(flight.call.kind, reading.observation):
            self._memory.acknowledge(flight.call.ordinal, now_ns)

    def _give(self, flight: SimulatedExchange, answer: HttpResponse) -> None:
        self._clock.call_later(flight.way_back_ns, lambda: self._received(flight, answer))

    def _received(self, flight: SimulatedExchange, answer: HttpResponse) -> None:
        flight.reading = reading = self._read(flight.call.kind, answer, ResponseContext(flight.call.payment.order_no))
        self._recorder.complete(flight.op, self._clock.now_ns(), reading, answer)
        self._end(flight)

    def _lose(self, flight: SimulatedExchange, why: str = "connection reset") -> None:
        def gave_up() -> None:
            self._recorder.gave_up(flight.op, self._clock.now_ns(), why)
            self._end(flight)

        self._clock.call_later(flight.way_back_ns, gave_up)

    def _end(self, flight: SimulatedExchange) -> None:
        flight.done = True
        flight.order.learn(flight.call, flight.reading)

    def _fired(self, rule: FaultRule, flight: SimulatedExchange) -> None:
        self._recorder.add(FaultChange(self._clock.now_ns(), rule.name, "fired", "edge", flight.op, {}))


def _wire(answer: SyntheticResponse) -> HttpResponse:
    return HttpResponse(answer.status, dict(answer.headers), answer.body)


def _name(flight: SimulatedExchange) -> tuple[int, str, str]:
    """Key of a query: the order, the target, and the merchant."""
    return (flight.call.ordinal, flight.request.target, flight.call.payment.account)
