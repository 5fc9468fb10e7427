"""Implements the order machine's ``World`` in virtual time, on a simulated provider, in one thread.

A program has exactly one execution here. At its end the faults are healed, the orders settle and the ledger is read.
Then its history can be judged, which ``ackord.simulation.simulation`` does inside Hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ..chaos.gateway.acknowledgement import AcknowledgementRules
from ..client.operation_request import OperationRequest
from ..contract.codec.codec import Codec, HttpRequest, HttpResponse, Interpretation, Payment, Refund, ResponseContext
from ..core.amount_range import AmountRange
from ..core.clock import MS, VirtualClock
from ..core.event import Begin, FaultChange, LedgerRead, Movement, Phase
from ..core.history import History, RunHeader
from ..core.operation import SUBMITS, WRITES, OperationKind, Vantage
from ..core.seed import Seed
from ..providers.service.behavior import ProviderBehavior
from ..record.recorder import Reader, Recorder
from ..workload.order import WorkloadOrder
from ..workload.order_factory import OrderFactory
from .simulated_gateway import SimulatedExchange, SimulatedGateway, SimulatedPorts
from .simulated_provider import simulated_provider
from .simulated_standby import BASE_LAG_NS
from .simulated_statement_reader import SimulatedStatementReader, page_reader_of

__all__ = ["EDGE_FAULTS", "REPLICATION_FAULTS", "SimulatedSystem"]

EDGE_FAULTS: dict[str, dict[str, Any]] = {
    "latency": {"share": 0.5, "params": {"ms": 10.0, "jitter_ms": 10.0}},
    "lost-request": {"share": 0.3},
    "lost-answer": {"share": 0.3},
    "duplicate-delivery": {"share": 0.5, "params": {"copies": 1, "delay_ms": 3.0}},
}
"""Faults of the gateway that a program may inject, as the gateway's rules have them."""
REPLICATION_FAULTS = ("replication-latency", "replication-cut")

INJECTED_AT_FIRST = ("replication-latency",)
"""Faults that a program finds injected, as the faults of a profile are when the machine runs live; it may heal them."""

LAG_NS = 20 * MS
"""The standby's lag while ``replication-latency`` is injected."""
SETTLE_EVERY_NS = 200 * MS
"""Pause between two looks at the open orders after the faults are healed."""
WRITES_WHEN_SETTLING = 8


class SimulatedRecorder(Recorder):
    """Keeps each answer once: both vantages record it, and a provider says most things more than once."""

    def __init__(self, header: RunHeader, read: Reader) -> None:
        super().__init__(header, read)
        self._known: dict[int, tuple[HttpResponse, dict[str, Any]]] = {}

    def kept(self, a: HttpResponse) -> dict[str, Any]:
        known = self._known.get(id(a))
        if known is None:
            # Kept with the answer, so that nothing else gets its id.
            known = self._known[id(a)] = a, super().kept(a)
        return known[1]


# Copies and repetitions are the same bytes, and programs have the same order numbers: each is rendered once.
_fingerprint = lru_cache(maxsize=4096)(Codec.fingerprint)


@lru_cache(maxsize=4096)
def _rendered(codec: Codec, kind: OperationKind, payment: Payment, refund: Refund | None) -> HttpRequest:
    return codec.request(kind, payment, refund=refund)


def _request(codec: Codec, call: OperationRequest) -> HttpRequest:
    """Render a request of the reference: a submit states the payment, all others no more than its order number."""
    if call.kind in SUBMITS:
        return _rendered(codec, OperationKind.SUBMIT, call.payment, None)
    return _rendered(codec, call.kind, call.payment._replace(amount_minor=0), call.refund)


class SimulatedSystem:
    """``machine.World`` over a ``VirtualClock``.

    Each program starts from a new state, so its run depends only on the program and the seed.
    """

    faults = (*EDGE_FAULTS, *REPLICATION_FAULTS)

    def __init__(self, codec: Codec, seed: Seed, flaw: str = "") -> None:
        """Raises ``UnknownNameError`` for a flaw that does not exist."""
        self.codec = codec
        self.seed = seed
        self.flaw = flaw
        self.clock = VirtualClock()
        self.header = RunHeader(
            codec.contract.provider, "simulation", "provider", Vantage.PROVIDER, seed.value, codec.promises,
            options={"flaw": flaw} if flaw else {},
        )  # fmt: skip
        self._acknowledgement = AcknowledgementRules(codec.acknowledgement())
        contract = codec.contract
        self._numbers: dict[str, Any] = {
            "form": contract.order_no.number_form(),
            "account": contract.owner,
            "other_account": contract.other_account or "",
            "amounts": AmountRange(),
        }
        self._behavior = ProviderBehavior.promised(codec.promises)
        self._pages = page_reader_of(codec)
        self._create_world()

    def start_program(self) -> frozenset[str]:
        """Start from a new state, with ``INJECTED_AT_FIRST`` injected."""
        # Run the last program's pending timers unrecorded: a non-empty queue would keep its whole world in a
        # reference cycle.
        self.clock.sleep_ns(60_000 * MS)
        self.provider.close()
        self._create_world()
        return frozenset(INJECTED_AT_FIRST)

    def _create_world(self) -> None:
        self.clock = VirtualClock()
        self.provider = simulated_provider(self.clock, self.seed, self.flaw, self._behavior)
        self.recorder = SimulatedRecorder(self.header, self._read)
        ports = SimulatedPorts(self.clock, self.provider, self.recorder, self._read, self._prove)
        self.edge = SimulatedGateway(self.seed, ports, self._acknowledgement)
        self.book = OrderFactory(self.seed, f"sim-{self.seed.value % 10**10}-", **self._numbers)
        self._statement = SimulatedStatementReader(
            self.codec, self._pages, self.clock, self.provider, self.recorder, bool
        )
        self.orders: list[WorkloadOrder] = []
        self.log: list[tuple[str, Any]] = []
        """Steps of the program so far, for ``as_if_over``."""
        self._flights: dict[int, SimulatedExchange] = {}
        self._readings: dict[tuple[OperationKind, int], tuple[HttpResponse, Interpretation]] = {}
        self._armed: list[str] = []
        self._unproven: set[str] = set()
        for fault in INJECTED_AT_FIRST:
            self._switch(fault, armed=True)

    # What the machine does.

    def may_create_order(self) -> bool:
        return True

    def create_order(self, amount_minor: int) -> WorkloadOrder:
        self.log.append(("create_order", amount_minor))
        order = self.book.create_order(amount_minor=amount_minor)
        self.orders.append(order)
        return order

    def begin(self, order: WorkloadOrder, call: OperationRequest) -> SimulatedExchange:
        payment = call.payment
        write = call.kind in WRITES
        fingerprint = _fingerprint(self.codec, payment) if write else ""
        op = self.recorder.next_op()
        flight = self._flights[op] = SimulatedExchange(op, order, call, _request(self.codec, call))
        self.log.append(("begin", call))
        self.recorder.add(
            Begin(
                self.clock.now_ns(), Vantage.MERCHANT, op, 0, call.kind, payment.account, payment.order_no,
                call.attempt, fingerprint, call.sent_minor if write else None, call.node,
                payment.currency if write else "", payment.payee if write else "",
                call.refund.number if call.refund is not None else "",
            )
        )  # fmt: skip
        self.edge.send(flight)
        return flight

    def _read(self, kind: OperationKind, answer: HttpResponse, response_context: ResponseContext) -> Interpretation:
        """Both vantages record an answer; it is read once."""
        key = (kind, id(answer))
        read = self._readings.get(key)
        if read is None:
            # Kept with the answer, so that nothing else gets its id.
            read = self._readings[key] = (answer, self.codec.read(kind, answer, response_context))
        return read[1]

    def complete(self, pending: SimulatedExchange) -> Interpretation | None:
        self.log.append(("complete", pending.op))
        if not pending.done:
            self.clock.run_until(pending.is_done, self.clock.now_ns() + 60_000 * MS)
            assert pending.done, "an operation of the simulation never ended"
        return pending.reading

    def wait(self, duration_ns: int) -> None:
        self.log.append(("wait", duration_ns))
        self._statement.step()
        self.clock.sleep_ns(duration_ns)
        self._statement.step()

    def inject(self, fault: str) -> None:
        self.log.append(("inject", fault))
        self._switch(fault, armed=True)

    def heal(self, fault: str) -> None:
        self.log.append(("heal", fault))
        self._switch(fault, armed=False)

    def end_program(self) -> None:
        """Heal, settle and read the ledger. What follows from it is up to the owner of the world."""
        for fault in list(self._armed):
            self.heal(fault)
        self._phase("settle")
        self.settle()
        self._statement.finish()
        self._read_ledger()
        self._phase("done")

    def history(self) -> History:
        return self.recorder.history()

    def as_if_over(self) -> SimulatedSystem:
        """Return a separate world in which the program took the same steps and ends here."""
        other = SimulatedSystem(self.codec, self.seed, self.flaw)
        other.play(self.log)
        other.end_program()
        return other

    def play(self, log: Sequence[tuple[str, Any]]) -> None:
        """Replay the ``log`` of another program, and complete what it left open."""
        for verb, what in log:
            if verb == "begin":
                order = self.orders[what.ordinal - 1]
                if what.payment.account != order.payment.account:
                    order = order.as_other_account()
                elif what.kind is OperationKind.QUERY:
                    order.reads = what.attempt
                elif what.kind in SUBMITS:
                    order.writes = what.attempt
                self.begin(order, what)
            elif verb == "complete":
                self.complete(self._flights[what])
            else:
                getattr(self, verb)(what)
        for flight in self._flights.values():
            self.complete(flight)

    # Faults.

    def _switch(self, fault: str, *, armed: bool) -> None:
        replication = fault in REPLICATION_FAULTS
        if not armed:
            self._prove()
            self._unproven.discard(fault)
        self._change(fault, "armed" if armed else "healed", "replication" if replication else "edge")
        (self._armed.append if armed else self._armed.remove)(fault)
        if replication:
            standby = self.provider.standby
            standby.catch_up()
            standby.cut = "replication-cut" in self._armed
            standby.lag_ns = LAG_NS if "replication-latency" in self._armed else BASE_LAG_NS
            if armed:
                self._unproven.add(fault)
        else:
            self.edge.set_rules([{"fault": name, **EDGE_FAULTS[name]} for name in self._armed if name in EDGE_FAULTS])

    def _prove(self) -> None:
        """Record a link fault as effective once the standby lacks something that it would have without the fault."""
        if self._unproven and self.provider.standby.behind_ns() > BASE_LAG_NS:
            for fault in sorted(self._unproven):
                self._change(fault, "effective", "replication")
            self._unproven.clear()

    def _change(self, fault: str, change: str, seam: str) -> None:
        self.recorder.add(FaultChange(self.clock.now_ns(), fault, change, seam, 0, {}))

    def _phase(self, name: str) -> None:
        self.recorder.add(Phase(self.clock.now_ns(), name))

    # The end of a program.

    def settle(self) -> None:
        """Query every order until it is terminal or the promised time is over, then once more those still open.

        Writes that were put off to the end are sent a last time after it.
        """
        deadline_ns = self.clock.now_ns() + (self.codec.promises.settles_within_ns or 10 * SETTLE_EVERY_NS)
        waiting = [o for o in self.orders if o.writes]
        late = False
        while waiting and not late:
            self._together([(o, o.submit()) for o in waiting if o.undecided and o.writes < WRITES_WHEN_SETTLING])
            self.wait(SETTLE_EVERY_NS)
            late = self.clock.now_ns() > deadline_ns
            self._together([(o, o.query()) for o in waiting])
            waiting = [o for o in waiting if not o.terminal and (o.known or o.undecided)]
        self._together([(o, o.submit()) for o in waiting if o.put_off])

    def _together(self, calls: list[tuple[WorkloadOrder, OperationRequest]]) -> None:
        for flight in [self.begin(order, call) for order, call in calls]:
            self.complete(flight)

    def _read_ledger(self) -> None:
        """Read it when every payout must have been posted."""
        promises = self.codec.promises
        within_ns = promises.settles_within_ns if promises.posts_within_ns is None else promises.posts_within_ns
        self.clock.sleep_ns((within_ns or 0) + MS)
        now_ns = self.clock.now_ns()
        ledger = self.provider.ledger
        for entry in ledger:
            moved = (str(entry.id), entry.amount, entry.kind, entry.currency, entry.refund_no)
            self.recorder.add(Movement(now_ns, entry.account, entry.order_no, *moved))
        self.recorder.add(LedgerRead(now_ns, len(ledger), began_ns=now_ns))
