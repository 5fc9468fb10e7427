"""Simulated worlds for tests, and a way to look at what they recorded."""

from __future__ import annotations

from functools import lru_cache

from ackord.client.operation_request import OperationRequest
from ackord.contract.codec.codec import Codec, HttpRequest, HttpResponse, Interpretation, Payment
from ackord.contract.loading.loader import load_contract
from ackord.core.clock import VirtualClock
from ackord.core.event import Begin, Complete, FaultChange
from ackord.core.operation import OperationKind, Vantage
from ackord.core.seed import Seed
from ackord.simulation.simulated_provider import SimulatedProvider, simulated_provider
from ackord.simulation.simulated_system import SimulatedSystem
from ackord.workload.order import WorkloadOrder

OPERATIONS = {False: OperationKind.SUBMIT, True: OperationKind.QUERY}


@lru_cache
def codec() -> Codec:
    return load_contract("reference").codec


def world(flaw: str = "", seed: int = 3) -> SimulatedSystem:
    return SimulatedSystem(codec(), Seed(seed), flaw)


def do(w: SimulatedSystem, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None:
    return w.complete(w.begin(order, call))


def begins(w: SimulatedSystem, op: int, vantage: Vantage = Vantage.PROVIDER) -> list[Begin]:
    return [e for e in w.recorder.events if type(e) is Begin and e.op == op and e.vantage is vantage]


def completes(w: SimulatedSystem, op: int, vantage: Vantage = Vantage.PROVIDER) -> list[Complete]:
    return [e for e in w.recorder.events if type(e) is Complete and e.op == op and e.vantage is vantage]


def changes(w: SimulatedSystem, fault: str) -> list[str]:
    return [e.change for e in w.recorder.events if type(e) is FaultChange and e.fault == fault]


class Door:
    """Talks to a simulated provider in bytes, and waits in virtual time."""

    def __init__(self, flaw: str = "", seed: int = 3) -> None:
        self.clock = VirtualClock()
        self.provider: SimulatedProvider = simulated_provider(self.clock, Seed(seed), flaw)

    def ask(self, request: HttpRequest) -> HttpResponse:
        answers: list[HttpResponse] = []
        self.provider.receive(request, answers.append)
        assert self.clock.run_until(lambda: bool(answers), self.clock.now_ns() + 10**9), "it never answered"
        return answers[0]

    def submit(self, payment: Payment) -> HttpResponse:
        return self.ask(codec().submit(payment))

    def query(self, order_no: str, account: str = "main") -> HttpResponse:
        return self.ask(codec().query(payment(order_no=order_no, account=account)))

    def status(self, order_no: str) -> str:
        return str(codec().read(OperationKind.QUERY, self.query(order_no)).state.name)


def payment(amount_minor: int = 100, *, order_no: str = "M-00000001", account: str = "main") -> Payment:
    return Payment(order_no, account, amount_minor, "EUR", "payee-1")
