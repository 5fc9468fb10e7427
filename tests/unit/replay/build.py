"""Hand-written runs at both vantages, told in milliseconds, and scenarios in few words."""

from __future__ import annotations

from itertools import count
from typing import Any

from ackord.core.clock import MS
from ackord.core.event import Begin, Complete, Event, FaultChange, Phase
from ackord.core.history import History, RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.verdict import Finding, Result
from ackord.replay.order_scenario import OrderScenario

__all__ = ["Run", "finding", "scenario"]


def ns(ms: float) -> int:
    return round(ms * MS)


class Run:
    """One run. Each operation is told by the instants at which it was sent, reached the provider, was answered there,
    and ended at the merchant.
    """

    def __init__(self, subject: str = "provider", **options: Any) -> None:
        vantage = Vantage.PROVIDER if subject == "provider" else Vantage.MERCHANT
        self.header = RunHeader(
            "reference", "lag", subject, vantage, 7, Promises(),
            command="ackord certify reference --seed 7", options={"target": "reference", **options},
        )  # fmt: skip
        self.events: list[Event] = []
        self._ops = count(1)

    def operation(
        self,
        kind: OperationKind,
        sent: float,
        reached: float | None,
        answered: float | None,
        ended: float | None,
        observation: Observation | None = None,
        *,
        order: str = "n1",
        account: str = "main",
        amount: int | None = 500,
        node: str = "",
    ) -> int:
        """Tell an operation; return its number."""
        op = next(self._ops)
        amount = None if kind is OperationKind.QUERY else amount
        payee = "" if amount is None else "payee-1"
        begin = Begin(
            ns(sent), Vantage.MERCHANT, op, 0, kind, account, order, op, "p", amount, node, "EUR" if amount else "", payee
        )  # fmt: skip
        self.events.append(begin)
        state = PaymentState.UNKNOWN
        if reached is not None:
            self.events.append(begin._replace(at_ns=ns(reached), vantage=Vantage.PROVIDER, node="A"))
        for at, where in ((answered, Vantage.PROVIDER), (ended, Vantage.MERCHANT)):
            if at is not None:
                done = Complete(ns(at), where, op, 0, Outcome.OK, observation, state, None, None, "", None)
                self.events.append(done)
        return op

    def submit(self, *instants: float | None, **more: Any) -> int:
        return self.operation(OperationKind.SUBMIT, *_four(instants), Observation.ACK, **more)

    def resubmit(self, *instants: float | None, **more: Any) -> int:
        return self.operation(OperationKind.RESUBMIT, *_four(instants), Observation.ACK, **more)

    def query(self, *instants: float | None, found: bool = False, **more: Any) -> int:
        observation = Observation.STATUS if found else Observation.NOT_FOUND
        return self.operation(OperationKind.QUERY, *_four(instants), observation, **more)

    def fault(self, at: float, name: str, change: str, *, op: int = 0, **detail: Any) -> None:
        self.events.append(FaultChange(ns(at), name, change, "", op, detail))

    def phase(self, at: float, name: str) -> None:
        self.events.append(Phase(ns(at), name))

    @property
    def history(self) -> History:
        return History(self.header, list(self.events))


def _four(instants: tuple[float | None, ...]) -> tuple[float, float | None, float | None, float | None]:
    sent, *others = instants
    assert sent is not None
    if not others:
        return sent, sent + 0.2, sent + 1, sent + 1.2
    reached, answered, ended = others
    return sent, reached, answered, ended


def finding(guarantee: str = "acknowledged-order-visible", at: float = 1000, order: str = "n1") -> Finding:
    return Finding(guarantee, order, "main", Result.VIOLATED, "it broke", ns(at), None, ())


def scenario(*steps: dict[str, Any], faults: tuple[dict[str, Any], ...] = (), **more: Any) -> OrderScenario:
    return OrderScenario.model_validate(
        {
            "version": 1,
            "contract": "reference",
            "guarantee": "acknowledged-order-visible",
            "amount_minor": 500,
            "faults": list(faults),
            "steps": list(steps),
            **more,
        }
    )
