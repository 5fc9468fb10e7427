"""The simulated edge: what the gateway does to an operation between merchant and provider, in virtual time.

The decisions are the gateway's own (``Holds``, ``RuleSet``: pure, keyed by the seed); only what carries them out differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..chaos.gateway.holds import Holds
from ..chaos.gateway.identity import Identity, read_identity
from ..chaos.gateway.rules import Plan, RuleSet
from ..contract.codec import Reading, WireAnswer, WireRequest
from ..core.clock import MS, VirtualClock
from ..core.event import FaultChange
from ..core.seed import Seed
from ..provider.call import Call
from ..provider.simulated import SimulatedProvider
from ..record.recorder import Reader, Recorder
from .order import Order

__all__ = ["Flight", "SimulatedEdge"]

LEAST_NS = 200_000
SPREAD_NS = 1_800_000
"""Each way between merchant and gateway takes from 0.2 to 2 ms, decided by the seed for each operation."""
RELEASE_NS = 50_000
"""From what a held request waits for until it is sent on: strictly after, so that a query that was held for an acknowledgement comes after it."""
HOLD_NS = 300 * MS
"""How long a request is held at most."""


class Flight:
    """One operation on its way."""

    __slots__ = ("call", "done", "held", "op", "order", "plan", "reading", "request", "way_back_ns")

    def __init__(self, op: int, order: Order, call: Call, request: WireRequest) -> None:
        self.op = op
        self.order = order
        self.call = call
        self.request = request
        self.plan: Plan | None = None
        self.reading: Reading | None = None
        self.way_back_ns = 0
        self.held = False
        self.done = False

    def is_done(self) -> bool:
        return self.done


class SimulatedEdge:
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
        self._holds = Holds()
        self._rules: RuleSet | None = None

    def set_rules(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the faults, given as the gateway is given them. Raises ``UsageError`` for a rule that cannot be understood."""
        self._rules = RuleSet(self._seed.value, rules) if rules else None

    def send(self, flight: Flight) -> None:
        """Carry it to the provider and its answer back; it is ``done`` when the merchant has an answer, or knows that none will come."""
        call = flight.call
        bits = self._seed.bits("edge", call.ordinal, call.kind, call.attempt, call.payment.amount_minor)
        flight.way_back_ns = LEAST_NS + (bits >> 32) % SPREAD_NS
        self._clock.call_later(LEAST_NS + (bits & 0xFFFFFFFF) % SPREAD_NS, lambda: self._at_gateway(flight))

    def _plan(self, flight: Flight) -> Plan | None:
        call = flight.call
        rules = RuleSet(self._seed.value, [{"fault": call.do}]) if call.do else self._rules
        if rules is None:
            return None
        who = Identity(flight.op, "key", str(call.kind), call.ordinal, call.attempt, call.node, call.token, None)
        return rules.plan(who, call.node)

    def _at_gateway(self, flight: Flight) -> None:
        call = flight.call
        flight.plan = plan = self._plan(flight)
        if plan is not None and plan.delay_ns:
            self._fired("latency", flight)
            self._clock.call_later(plan.delay_ns, lambda: self._hold(flight) if call.hold else self._forward(flight))
        elif call.hold:
            self._hold(flight)
        else:
            self._forward(flight)

    def _hold(self, flight: Flight) -> None:
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

    def _forward(self, flight: Flight) -> None:
        plan = flight.plan
        if plan is not None:
            if plan.fate in ("lost-request", "reset"):
                self._fired(plan.fate, flight)
                self._lose(flight)
                return
            for n in range(1, plan.copies + 1):
                self._fired("duplicate-delivery", flight)
                self._clock.call_later(n * plan.copy_delay_ns, lambda n=n: self._deliver(flight, n))  # type: ignore[misc]
        self._deliver(flight, 0)

    def _deliver(self, flight: Flight, copy: int) -> None:
        begin_ns = self._clock.now_ns()
        self._provider.receive(flight.request, lambda answer: self._answered(flight, copy, begin_ns, answer))

    def _answered(self, flight: Flight, copy: int, begin_ns: int, answer: WireAnswer) -> None:
        self._recorder.reached(flight.op, copy, begin_ns, self._clock.now_ns(), answer)
        self._on_answer()
        if copy:
            return
        if flight.call.token:
            self._holds.complete(flight.call.token)
        if flight.plan is not None and flight.plan.fate == "lost-answer":
            self._fired("lost-answer", flight)
            self._lose(flight)
        else:
            self._clock.call_later(flight.way_back_ns, lambda: self._received(flight, answer))

    def _received(self, flight: Flight, answer: WireAnswer) -> None:
        flight.reading = reading = self._read(flight.call.kind, answer)
        self._recorder.complete(flight.op, self._clock.now_ns(), reading, answer)
        self._end(flight)

    def _lose(self, flight: Flight) -> None:
        def gave_up() -> None:
            self._recorder.gave_up(flight.op, self._clock.now_ns(), "connection reset")
            self._end(flight)

        self._clock.call_later(flight.way_back_ns, gave_up)

    def _end(self, flight: Flight) -> None:
        flight.done = True
        flight.order.learn(flight.call, flight.reading)

    def _fired(self, fault: str, flight: Flight) -> None:
        self._recorder.add(FaultChange(self._clock.now_ns(), fault, "fired", "edge", flight.op, {}))
