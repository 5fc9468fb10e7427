"""Fakes for workloads: a client that answers by a rule, a storm that does not wait, a world that only remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ackord.client.operation_request import OperationRequest
from ackord.contract.codec.codec import Interpretation
from ackord.contract.spec.order_numbers import OrderNumberFormat
from ackord.core.clock import MS, VirtualClock
from ackord.core.operation import Observation, OperationKind, Outcome
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.seed import Seed
from ackord.workload.load_generator import LoadGenerator
from ackord.workload.order import WorkloadOrder
from ackord.workload.order_factory import OrderFactory

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def book(**changes: Any) -> OrderFactory:
    options: dict[str, Any] = {
        "form": OrderNumberFormat(ALPHABET, (16, 32)),
        "account": "main",
        "other_account": "other",
    }
    return OrderFactory(Seed(7), "RUN", **{**options, **changes})


def reading(observation: Observation, state: PaymentState = PaymentState.UNKNOWN) -> Interpretation:
    return Interpretation(Outcome.OK, observation, state, None, None, "")


ACK = reading(Observation.ACK, PaymentState.RECEIVED)
PAID = reading(Observation.STATUS, PaymentState.SUCCEEDED)
OPEN = reading(Observation.STATUS, PaymentState.PROCESSING)
NOT_FOUND = reading(Observation.NOT_FOUND, PaymentState.NOT_FOUND)
BUSY = reading(Observation.RETRYABLE)

Answer = Callable[[OperationRequest], Interpretation | None]


def pays_at_once(call: OperationRequest) -> Interpretation | None:
    return PAID if call.kind is OperationKind.QUERY else ACK


@dataclass
class FakeClient:
    """Answers by ``answer`` after ``turns`` of the loop, which shuffles the interleaving."""

    answer: Answer = pays_at_once
    turns: Callable[[OperationRequest], int] = lambda call: 1
    calls: list[OperationRequest] = field(default_factory=list)
    clock: VirtualClock = field(default_factory=VirtualClock)

    async def perform(self, call: OperationRequest) -> Interpretation | None:
        self.calls.append(call)
        for _ in range(self.turns(call)):
            await asyncio.sleep(0)
        return self.answer(call)


class FastStorm(LoadGenerator):
    """Waits in virtual time; the contract promises ``promised``, and its submit has the variations ``offered``."""

    offered: frozenset[str] = frozenset()
    promised: Promises = Promises()

    def variations(self, order: WorkloadOrder) -> frozenset[str]:
        return self.offered

    @property
    def promises(self) -> Promises:
        return self.promised

    async def pause(self, ms: float) -> None:
        self.client.clock.sleep_ns(int(ms * MS))
        await asyncio.sleep(0)

    @property
    def now_ms(self) -> float:
        return self.client.clock.now_ns() / MS


def storm(client: FakeClient, **changes: Any) -> FastStorm:
    return FastStorm(client, book(**changes))  # type: ignore[arg-type]


@dataclass
class FakeWorld:
    """Remembers what a machine does; every operation is answered by ``answer``, and nothing else happens."""

    answer: Answer = pays_at_once
    faults: tuple[str, ...] = ("lag", "loss")
    at_first: frozenset[str] = frozenset()
    trace: list[tuple[Any, ...]] = field(default_factory=list)
    programs: int = 0
    open: int = 0

    def start_program(self) -> frozenset[str]:
        self.book = book()
        self.open = 0
        self.trace.append(("program",))
        return self.at_first

    def may_create_order(self) -> bool:
        return True

    def create_order(self, amount_minor: int) -> WorkloadOrder:
        return self.book.create_order(amount_minor=amount_minor)

    def begin(self, order: WorkloadOrder, call: OperationRequest) -> tuple[WorkloadOrder, OperationRequest]:
        self.trace.append(("begin", call))
        self.open += 1
        return order, call

    def complete(self, pending: tuple[WorkloadOrder, OperationRequest]) -> Interpretation | None:
        order, call = pending
        self.trace.append(("complete", call))
        self.open -= 1
        answer = self.answer(call)
        order.learn(call, answer)
        return answer

    def wait(self, duration_ns: int) -> None:
        self.trace.append(("wait", duration_ns))

    def inject(self, fault: str) -> None:
        self.trace.append(("inject", fault))

    def heal(self, fault: str) -> None:
        self.trace.append(("heal", fault))

    def end_program(self) -> None:
        self.programs += 1
        self.trace.append(("end", self.open))

    def calls(self) -> list[OperationRequest]:
        return [what[1] for what in self.trace if what[0] == "begin"]


def played(name: str, answer: Answer = pays_at_once) -> list[OperationRequest]:
    """What a scenario sends if it is answered so."""
    client = FakeClient(answer)
    asyncio.run(storm(client).play([name], concurrency=1))
    return client.calls
